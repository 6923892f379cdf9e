import { expect, test } from 'vitest'
import { numberFault, numberIn } from './number-bounds.ts'

test('a text is the number that it spells, nothing where it is empty, and NaN where it spells none', () => {
  expect(['', ' ', '0', '0.', '.5', '0.250', '-3', '+1', '1e-3', '1e400'].map(numberIn)).toEqual([
    undefined,
    undefined,
    0,
    0,
    0.5,
    0.25,
    -3,
    1,
    0.001,
    Number.POSITIVE_INFINITY,
  ])
  for (const text of ['-', '.', '1e', '1e-', '0,25', '0x10', 'Infinity', '1 000', 'abc']) expect(numberIn(text), text).toBeNaN()
})

test('what is out of bounds, not whole or no number is told with what is expected', () => {
  const count = { min: 1, max: 1024, whole: true }
  for (const value of [undefined, 1, 1024]) expect(numberFault(value, count), String(value)).toBeUndefined()
  expect(numberFault(0, count)).toBe('0 is out of bounds. Expected a whole number from 1 to 1,024.')
  expect(numberFault(1e99, count)).toBe('1e+99 is out of bounds. Expected a whole number from 1 to 1,024.')
  expect(numberFault(1.5, count)).toBe('1.5 is not a whole number. Expected a whole number from 1 to 1,024.')
  expect(numberFault(Number.NaN, count)).toBe('This is not a number. Expected a whole number from 1 to 1,024.')
  expect(numberFault(0, { above: 0, max: 1e18 })).toBe('0 is out of bounds. Expected a number above 0, at most 1e18.')
  expect(numberFault(Number.NaN, { min: 0, max: 2 })).toBe('This is not a number. Expected a number from 0 to 2, with a point before decimals.')
  expect(numberFault(2 ** 53, { min: Number.MIN_SAFE_INTEGER, max: Number.MAX_SAFE_INTEGER, whole: true })).toMatch(
    /is out of bounds. Expected a whole number of at most 15 digits.$/,
  )
  expect(numberFault(Number.POSITIVE_INFINITY, {})).toMatch(/out of bounds/)
})
