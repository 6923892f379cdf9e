import { nothingPlaced, type Placement } from '@weft/adapters'
import { expect, test } from 'vitest'
import { trainingLayout } from './layout.ts'
import { pairBuckets } from './pair-buckets.ts'

/** Rows 0 to 3 of the table are of what stands before, 4 to 7 of what stands behind; 2 to 5 apart share one. */
const relative = { numBuckets: 8, maxDistance: 16, bidirectional: true }

const placed = (rows: number, ...prefixLengths: number[]): Placement => ({
  rows,
  prefix: prefixLengths.reduce((sum, length) => sum + length, 0),
  prefixLengths,
  longestPrefix: Math.max(0, ...prefixLengths),
})

/** By row of the batch, by query. */
function nested(buckets: BigInt64Array, B: number, S: number): number[][][] {
  const total = buckets.length / (B * S)
  return Array.from({ length: B }, (_, b) =>
    Array.from({ length: S }, (_, q) => Array.from(buckets.slice((b * S + q) * total, (b * S + q + 1) * total), Number)),
  )
}

test('a pair has the bucket of its distance', () => {
  expect(nested(pairBuckets(Int32Array.of(0, 1, 2, 7), 0, [nothingPlaced], relative), 1, 4)[0]).toEqual([
    [0, 5, 6, 7],
    [1, 0, 5, 7],
    [2, 1, 0, 6],
    [3, 3, 2, 0],
  ])
})

test('a prefix ends right before the first row or token, and each of several does', () => {
  expect(nested(pairBuckets(Int32Array.of(2, 3), 2, [placed(1, 2)], relative), 1, 2)[0]).toEqual([
    [2, 1, 0, 5],
    [2, 2, 1, 0],
  ])
  expect(nested(pairBuckets(Int32Array.of(2), 3, [placed(0, 1, 2)], relative), 1, 1)[0]).toEqual([[1, 2, 1, 0]])
})

test('a layout has them where distances have biases: by positions, whatever the padding, and what stands before each row', () => {
  const attention = { windows: [null], bidirectional: true, relative }
  const rows = [{ tokens: [7, 8, 9] }, { tokens: [7, 8] }]
  const groups = [
    { batchRows: 1, ...placed(2, 1) },
    { batchRows: 1, ...placed(1, 2) },
  ]
  const placement = { rows: 2, prefix: 2, longestPrefix: 2, groups }
  const of = (padding: 'left' | 'right') => nested(trainingLayout({ rows, tokens: 3, attention, placement, padding }).buckets!, 2, 5)
  for (const padding of ['left', 'right'] as const) {
    const [first, second] = of(padding)
    expect(first[0].slice(1), padding).toEqual([1, 0, 5, 6, 6, 6])
    const tokens = padding === 'left' ? [5, 6] : [4, 5]
    expect(
      [0, 1, 3, ...tokens].map((column) => second[1][column]),
      padding,
    ).toEqual([2, 1, 0, 5, 6])
  }
  expect(trainingLayout({ rows, tokens: 3, attention: { windows: [null], bidirectional: true } })).not.toHaveProperty('buckets')
})
