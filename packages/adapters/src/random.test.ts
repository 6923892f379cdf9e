import { expect, test } from 'vitest'
import { Random } from './random.ts'

const draws = (random: Random, n: number, draw = (r: Random): number => r.uniform()): number[] => Array.from({ length: n }, () => draw(random))

test('the same seed is the same stream, on every machine', () => {
  expect(draws(new Random(42), 3, (r) => r.bits())).toEqual(draws(new Random('42'), 3, (r) => r.bits()))
  expect(draws(new Random(42), 4, (r) => r.bits())).toMatchInlineSnapshot(`
    [
      3299471901,
      2534970686,
      1354728256,
      2324711276,
    ]
  `)
  expect(draws(new Random(42), 2, (r) => r.normal())).toMatchInlineSnapshot(`
    [
      1.0790843169290902,
      -0.7425856099313151,
    ]
  `)
})

test('splits do not depend on what was drawn, and differ from one another', () => {
  const random = new Random(1)
  const before = draws(random.split('a'), 5)
  draws(random, 100)
  expect(draws(random.split('a'), 5)).toEqual(before)
  const streams = ['a', 'b', 'a/b', 1, 2, ''].map((label) => draws(random.split(label), 3).join())
  expect(new Set(streams).size).toBe(streams.length)
})

test('uniform and normal have their moments', () => {
  const n = 200_000
  const moments = (values: number[]): [number, number] => {
    const mean = values.reduce((a, b) => a + b) / n
    return [mean, values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / n]
  }
  const [uniformMean, uniformVariance] = moments(draws(new Random(1), n))
  expect(uniformMean).toBeCloseTo(0.5, 2)
  expect(uniformVariance).toBeCloseTo(1 / 12, 2)
  const [mean, variance] = moments(draws(new Random(2), n, (r) => r.normal(3, 2)))
  expect(mean).toBeCloseTo(3, 1)
  expect(variance).toBeCloseTo(4, 1)
})

test('integers and permutations reach everything evenly', () => {
  const random = new Random(3)
  const counts = new Array(7).fill(0)
  for (let i = 0; i < 70_000; i++) counts[random.integer(7)]++
  for (const count of counts) expect(Math.abs(count - 10_000)).toBeLessThan(400)
  expect([...random.permutation(100)].sort((a, b) => a - b)).toEqual(Array.from({ length: 100 }, (_, i) => i))
  const firsts = new Set(Array.from({ length: 200 }, () => random.permutation(5)[0]))
  expect(firsts.size).toBe(5)
  expect(() => random.integer(0)).toThrow(RangeError)
})
