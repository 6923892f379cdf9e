import { Random } from '@weft/adapters'
import { expect, test } from 'vitest'
import { largest } from './largest.ts'

/** By the plain sort: what is no number is left out. */
const plain = (values: Float32Array, count: number): number[] =>
  [...values.keys()]
    .filter((id) => !Number.isNaN(values[id]))
    .sort((a, b) => (values[a] === values[b] ? a - b : values[b] - values[a]))
    .slice(0, count)

test('the largest come in order, ids ascending among equals', () => {
  expect(largest(Float32Array.of(1, 5, 3, 5, 4), 3)).toEqual([1, 3, 4])
  expect(largest(Float32Array.of(1, 2), 5)).toEqual([1, 0])
  expect(largest(Float32Array.of(1, 2), 0)).toEqual([])
})

test('they are those of the plain sort, however many', () => {
  const random = new Random('largest')
  const of: Record<string, () => number> = {
    'all different': () => random.normal(0, 3),
    'mostly equal': () => Math.floor(random.uniform() * 4),
    'all equal': () => 1,
    'excluded ones': () => (random.uniform() < 0.7 ? Number.NEGATIVE_INFINITY : random.normal(0, 1)),
    'zeros of both signs': () => (random.uniform() < 0.5 ? -0 : 0),
    'some no numbers': () => (random.uniform() < 0.2 ? Number.NaN : Math.round(random.normal(0, 2))),
    'no numbers': () => Number.NaN,
  }
  for (const [name, value] of Object.entries(of)) {
    const values = Float32Array.from({ length: 700 }, value)
    for (const ordered of [values, values.toSorted(), values.toSorted().toReversed()])
      for (const count of [1, 2, 3, 4, 20, 127, 128, 350, 698, 699, 700, 701, 1_000_000]) {
        const ids = largest(ordered, count)
        expect({ name, count, ids }).toEqual({ name, count, ids: plain(ordered, count) })
      }
  }
})

test('one more costs a step more, and not one for each that is taken', () => {
  let read = 0
  const values = Float32Array.from({ length: 20_000 }, (_, i) => i)
  const counted = new Proxy(values, {
    get(of, name) {
      read++
      const value = Reflect.get(of, name)
      return typeof value === 'function' ? value.bind(of) : value
    },
  })
  expect(largest(counted, 10_000)).toHaveLength(10_000)
  // Insertion reads some 150 million.
  expect(read).toBeLessThan(20_000 * 200)
})
