import { expect, test } from 'vitest'
import { standing } from './standing.ts'

test('a gain counts where it is more than chance, and more than what float32 rounds', () => {
  expect(standing('loss', { gain: 0.3, standardError: 0.1 })).toBe(1)
  expect(standing('loss', { gain: -0.3, standardError: 0.1 })).toBe(-1)
  expect(standing('loss', { gain: 0.1, standardError: 0.1 })).toBe(0)
  // An adapter that changes nothing, on a processor that sums in another order.
  expect(standing('loss', { gain: 1.5e-7, standardError: 7e-8 })).toBe(0)
  expect(standing('loss', { gain: -3e-6, standardError: 0 })).toBe(0)
  expect(standing('loss', { gain: 1e-3, standardError: 1e-4 })).toBe(1)
  expect(standing('loss', { gain: -0.6, standardError: null })).toBe(-1)
})
