import { expect, test } from 'vitest'
import { seedNumber } from './numbers.ts'

test('a seed is any whole number, as in requests, and nothing else', () => {
  expect(['0', '-1', '42', '9007199254740991'].map(seedNumber)).toEqual([0, -1, 42, Number.MAX_SAFE_INTEGER])
  for (const text of ['', '1.5', '1e3', '0x10', ' 1', '9007199254740993', 'seven']) expect(() => seedNumber(text), text).toThrow('expected a whole number')
})
