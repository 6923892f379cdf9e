import { GraphBuilder, interpret } from '@weft/graph'
import { readRow } from '@weft/protocol'
import { describe, expect, test } from 'vitest'

import { classifierLoss, labelTasksOf, spansOf } from './label-tasks.ts'

const rows = (...lines: object[]) => lines.map((line, i) => ({ line: i + 1, row: readRow(JSON.stringify(line), i + 1) }))

test('classes are named by their task, and a task is one run of them', () => {
  const given = rows(
    { text: 'a', label: 'up', task: 'mood' },
    { text: 'b', label: 'down', task: 'mood' },
    { text: 'c', label: 'x', task: 'kind' },
    { text: 'd', label: 'y', task: 'kind' },
  )
  const labels = ['kind/x', 'kind/y', 'mood/down', 'mood/up']
  expect(given.map(({ row }) => 'label' in row && row.label)).toEqual(['mood/up', 'mood/down', 'kind/x', 'kind/y'])
  const tasks = labelTasksOf('training', given, labels)!
  expect(tasks).toEqual(['kind', 'kind', 'mood', 'mood'])
  expect(spansOf(tasks)).toEqual([
    { task: 'kind', first: 0, count: 2 },
    { task: 'mood', first: 2, count: 2 },
  ])
})

test('a row without a task among rows with one, and a task of one class, are refused', () => {
  const named = { text: 'a', label: 'up', task: 'mood' }
  expect(() => labelTasksOf('training', rows(named, { text: 'b', label: 'down' }), ['down', 'mood/up'])).toThrow(
    expect.objectContaining({ code: 'task_missing', message: expect.stringMatching(/Line 2 .* line 1 /) }),
  )
  expect(() => labelTasksOf('training', rows(named), ['mood/up'])).toThrow(expect.objectContaining({ code: 'labels_too_few' }))
  expect(labelTasksOf('training', rows({ text: 'a', label: 'N/A' }), ['N/A'])).toBeUndefined()
})

describe('the loss of several tasks', () => {
  const H = 3
  const numbers = (count: number, at: number): Float32Array => Float32Array.from({ length: count }, (_, i) => Math.sin(at + 1.7 * i))
  const hidden = numbers(4 * H, 1)
  const head = numbers(5 * H, 2)
  const bias = numbers(5, 3)
  const tasks = ['kind', 'kind', 'mood', 'mood', 'mood']

  const lossOf = (targets: number[], weights: number[], labelTasks: string[] | undefined): number => {
    const g = new GraphBuilder('loss')
    g.output(
      'loss',
      classifierLoss(
        g,
        {
          rows: g.constant(hidden, [4, H]),
          weight: g.constant(head, [5, H]),
          bias: g.constant(bias, [5]),
          targets: g.constant(BigInt64Array.from(targets, BigInt), [4]),
          weights: g.constant(Float32Array.from(weights), [4]),
        },
        labelTasks,
      ),
    )
    return interpret(g.build(), {}).loss.data[0] as number
  }

  test('is −log of the softmax over a row’s own task', () => {
    const expected = [
      [0, 1],
      [1, 3],
    ].map(([row, target]) => {
      const logits = tasks.map((_, c) => bias[c] + Array.from({ length: H }, (__, h) => head[c * H + h] * hidden[row * H + h]).reduce((a, b) => a + b))
      const own = tasks.flatMap((task, c) => (task === tasks[target] ? [Math.exp(logits[c])] : []))
      return -Math.log(Math.exp(logits[target]) / own.reduce((a, b) => a + b))
    })
    expect(lossOf([1, 3, 0, 0], [0.5, 2, 0, 0], tasks)).toBeCloseTo(0.5 * expected[0] + 2 * expected[1], 5)
  })

  test('differs from one softmax over all classes', () => {
    expect(Math.abs(lossOf([1, 3, 0, 2], [1, 1, 1, 1], tasks) - lossOf([1, 3, 0, 2], [1, 1, 1, 1], undefined))).toBeGreaterThan(0.1)
  })
})
