import { MASKED } from '@weft/adapters'
import { expect, test } from 'vitest'
import { cacheBias } from './cache-bias.ts'

const row = { slots: 0, position: 0, prefixLengths: [], bias: null }
/** One line per query of each row: what is added to every slot, a dot where it is hidden. */
const lines = (bias: Float32Array, total: number): string[] =>
  Array.from({ length: bias.length / total }, (_, i) => [...bias.subarray(i * total, (i + 1) * total)].map((x) => (x === MASKED ? '.' : x)).join(' '))

test('strengths of each row, for every query', () => {
  const rows = [
    { ...row, bias: Float32Array.of(1, 2, 3) },
    { ...row, slots: 1, position: 1 },
  ]
  expect(lines(cacheBias(rows, 2, 4), 4)).toEqual(['1 2 3 0', '1 2 3 0', '0 0 0 0', '0 0 0 0'])
})

test('a window hides what is too far behind a query; what lies ahead is left to the op', () => {
  expect(lines(cacheBias([{ ...row, slots: 3, position: 3 }], 2, 5, { window: 2 }), 5)).toEqual(['. . 0 0 0', '. . . 0 0'])
  expect(lines(cacheBias([{ ...row, slots: 3, position: 3, bias: Float32Array.of(1, 2) }], 1, 4, { window: 3 }), 4)).toEqual(['. 2 0 0'])
})

test('prefixes that overlay one another each end right before what follows', () => {
  const sequence = { ...row, slots: 6, position: 4, prefixLengths: [3, 2] } // one token behind them
  expect(lines(cacheBias([sequence], 1, 7, { window: 3 }), 7)).toEqual(['. . 0 . 0 0 0'])
})
