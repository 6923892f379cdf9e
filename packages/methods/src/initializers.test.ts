import { tinyContext } from '@weft/test/cases/plugin'
import { expect, test } from 'vitest'
import { fromVocabulary, kaimingUniform, normal, ones, uniform, zeros } from './initializers.ts'

const values = (init: ReturnType<typeof normal>, shape: number[]): Float32Array => init(tinyContext(), shape) as Float32Array

test('constants', () => {
  expect(new Set(values(zeros, [3, 4]))).toEqual(new Set([0]))
  expect(new Set(values(ones, [3]))).toEqual(new Set([1]))
})

test("kaiming is torch's Linear: U(±1/√in), a bias told its layer's in", () => {
  for (const data of [values(kaimingUniform(), [500, 4]), values(kaimingUniform(4), [2000])]) {
    expect(Math.max(...data)).toBeGreaterThan(0.49)
    expect(Math.max(...data.map(Math.abs))).toBeLessThanOrEqual(0.5)
    expect(Math.min(...data)).toBeLessThan(-0.49)
  }
})

test('uniform and normal keep their scale', () => {
  expect(Math.max(...values(uniform(-2, -1), [1000]))).toBeLessThan(-1)
  const data = values(normal(3), [20_000])
  expect(Math.sqrt(data.reduce((sum, value) => sum + value * value, 0) / data.length)).toBeCloseTo(3, 1)
})

test('vocabulary rows without replacement are all different', () => {
  const rows = values(fromVocabulary({ limit: 10, replacement: false }), [10, 12])
  expect([...rows].filter((_, i) => i % 12 === 0).sort((a, b) => a - b)).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9])
})
