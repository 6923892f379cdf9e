import { toWire } from '@weft/adapters'
import { type Classification, classificationSchema, type TaskClassifications } from '@weft/protocol'
import { expect, test } from 'vitest'
import { labelText } from './label-probabilities.ts'

const head = (C: number) => ({ head: { weight: { shape: [C, 1], data: new Float32Array(C) } } })

test('a label may have any name: those of object properties too', () => {
  const labels = ['__proto__', 'constructor', 'toString']
  const answer = labelText([Math.log(2), 0, 0], { labels, sites: head(3) }) as Classification
  expect(answer.label).toBe('__proto__')
  expect(Object.entries(JSON.parse(JSON.stringify(toWire(classificationSchema, answer))).scores)).toEqual([
    ['__proto__', 0.5],
    ['constructor', 0.25],
    ['toString', 0.25],
  ])
})

test('so may a task', () => {
  const names = { labels: ['__proto__/__proto__', '__proto__/b', 'other/a'], labelTasks: ['__proto__', '__proto__', 'other'], sites: head(3) }
  const { tasks } = labelText([0, 0, 0], names) as TaskClassifications
  expect(Object.keys(tasks)).toEqual(['__proto__', 'other'])
  expect(Object.entries((Object.entries(tasks)[0]![1] as Classification).scores)).toEqual([
    ['__proto__', 0.5],
    ['b', 0.5],
  ])
})

test('numbers that are not finite are refused', () => {
  expect(() => labelText([Number.NaN, 0], { labels: ['a', 'b'], sites: head(2) })).toThrowError(expect.objectContaining({ code: 'logits_not_finite' }))
})
