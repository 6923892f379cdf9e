import { expect, test } from 'vitest'
import { chooseByProbes } from './auto.ts'
import type { Task } from './tasks/task.ts'

/** How often a text has each of some letters: texts of the two styles differ in which they are of, and neither has the last, as everyday requests do. */
const vectors = async (texts: readonly string[]) => {
  // A scorer has one engine.
  if (busy) throw new Error('two passes at once')
  busy = true
  await Promise.resolve()
  busy = false
  return texts.map((text) => Float32Array.from('abcwxyzeot', (letter) => [...text].filter((each) => each === letter).length / text.length))
}
let busy = false

const texts = (letters: string, from: number) =>
  Array.from({ length: 24 }, (_, i) => ({
    text: Array.from({ length: 40 }, (_, at) => letters[(i + Math.floor(at / (1 + ((from + i) % 3)))) % letters.length].repeat(3)).join(' '),
  }))
const style = (letters: string): Task => ({ kind: 'style', rows: [], heldOut: texts(letters, 1), unlabelled: texts(letters, 2) })
const label: Task = {
  ...{ kind: 'label', rows: [], answers: ['yes', 'no'] },
  heldOut: [{ prompt: 'zz zz y?', answer: 'yes' }],
  unlabelled: Array.from({ length: 24 }, (_, i) => ({ prompt: `z${'y'.repeat(1 + (i % 3))} zz?`, answer: 'no' })),
}

test('rows are chosen for one by one, and the beginnings of styles besides', async () => {
  const { right, beginnings, left_alone, chosen } = await chooseByProbes({ vectors }, { sea: style('abc'), land: style('wx'), asked: label })
  expect(right).toEqual({ sea: 1, land: 1, asked: 1 })
  expect(left_alone).toBe(1)
  expect(Object.keys(beginnings)).toEqual(['sea', 'land'])
  expect(beginnings.sea.right).toBeGreaterThan(0.9)
  expect(chosen.sea.flatMap(({ rows }) => [...rows]).sort((a, b) => a - b)).toEqual([...Array(24).keys()])
})
