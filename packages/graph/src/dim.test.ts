import { expect, test } from 'vitest'
import { addDims, broadcast, canonicalDim, dimTerms, divDims, evaluateDim, mulDims, subDims } from './dim.ts'

test('sums and products have one spelling', () => {
  expect(addDims('P', 'T')).toBe('P+T')
  expect(addDims('T', 'P')).toBe('P+T')
  expect(addDims('P+T', 1)).toBe('P+T+1')
  expect(mulDims('T', 'B')).toBe('B*T')
  expect(mulDims('P+T', 'B')).toBe('B*P+B*T')
  expect(subDims('P+T', 'P')).toBe('T')
  expect(subDims('T', 'T')).toBe(0)
  expect(canonicalDim('2 * T + B - T')).toBe('B+T')
  expect(() => canonicalDim('T/2')).toThrow("'T/2' is not a size")
})

test('quotients are exact or none', () => {
  expect(divDims('B*T', 'B')).toBe('T')
  expect(divDims('4*B', 2)).toBe('2*B')
  expect(divDims('B*P+B*T', 'B')).toBe('P+T')
  expect(divDims('B', 'T')).toBeUndefined()
  expect(divDims(7, 2)).toBeUndefined()
})

test('evaluates', () => {
  expect(
    evaluateDim(
      '2*B*T-1',
      new Map([
        ['B', 3],
        ['T', 4],
      ]),
    ),
  ).toBe(23)
  expect(dimTerms('B*T-1')).toEqual([
    { coefficient: 1, symbols: ['B', 'T'] },
    { coefficient: -1, symbols: [] },
  ])
  expect(() => evaluateDim('B+T', new Map([['B', 3]]))).toThrow("The size 'T' of 'B+T' is in no input's shape")
})

test('broadcasts over symbols', () => {
  expect(broadcast(['B', 1, 4], ['T', 1])).toEqual(['B', 'T', 4])
  expect(broadcast(['B', 4], [4])).toEqual(['B', 4])
  expect(broadcast(['B'], [4])).toEqual([4])
  expect(broadcast(['B'], ['C'])).toBeUndefined()
  expect(broadcast([2], [3])).toBeUndefined()
})
