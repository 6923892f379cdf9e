import { expect, test } from 'vitest'
import { logAddExp } from './log-add-exp.ts'

test('the logarithm of a sum, in either order', () => {
  let worst = 0
  for (let apart = 0; apart < 40; apart += 0.00137) {
    const got = logAddExp(-3, -3 - apart)
    expect(logAddExp(-3 - apart, -3)).toBe(got)
    worst = Math.max(worst, Math.abs(got - (Math.log1p(Math.exp(-apart)) - 3)))
  }
  expect(worst).toBeLessThan(6e-7)
})

test('what is impossible adds nothing, and what is no number stays none', () => {
  expect(logAddExp(-2, Number.NEGATIVE_INFINITY)).toBe(-2)
  expect(logAddExp(Number.NEGATIVE_INFINITY, -2)).toBe(-2)
  expect(logAddExp(Number.NEGATIVE_INFINITY, Number.NEGATIVE_INFINITY)).toBe(Number.NEGATIVE_INFINITY)
  expect(logAddExp(-2, -1e30)).toBe(-2)
  expect(logAddExp(Number.NaN, -2)).toBeNaN()
  expect(logAddExp(-2, Number.NaN)).toBeNaN()
})
