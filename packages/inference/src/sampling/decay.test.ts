import { expect, test } from 'vitest'
import { decay } from './decay.ts'

test('decay is the exponential of what is below zero', () => {
  expect(decay(0)).toBe(1)
  let worst = 0
  for (let x = 0; x < 700; x += 0.0137) worst = Math.max(worst, Math.abs(decay(x) / Math.exp(-x) - 1))
  expect(worst).toBeLessThan(1e-11)
})

test('what is too small for a number is 0, and what is no number stays none', () => {
  for (const x of [800, 1e9, 1e300, Number.POSITIVE_INFINITY]) expect(decay(x)).toBe(0)
  expect(decay(Number.NaN)).toBeNaN()
})
