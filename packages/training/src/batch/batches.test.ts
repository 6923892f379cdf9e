import { expect, test } from 'vitest'
import { bucketed, chooseLengths, epochBatches, evaluationBatches } from './batches.ts'

const lengths = Array.from({ length: 203 }, (_, i) => 5 + ((i * 37) % 120))

test('an epoch is every row once, the same for the same seed and number, another for another', () => {
  const epoch = epochBatches(lengths, 8, 1, 0)
  expect(epoch.flat().sort((a, b) => a - b)).toEqual(lengths.map((_, i) => i))
  expect(epochBatches(lengths, 8, 1, 0)).toEqual(epoch)
  expect(epochBatches(lengths, 8, 1, 1)).not.toEqual(epoch)
  expect(epochBatches(lengths, 8, 2, 0)).not.toEqual(epoch)
})

test('rows of like length stand together', () => {
  const spread = (batches: number[][]): number =>
    batches.reduce((n, b) => n + Math.max(...b.map((i) => lengths[i])) * b.length - b.reduce((m, i) => m + lengths[i], 0), 0)
  const inOrder = Array.from({ length: 26 }, (_, i) => lengths.map((__, j) => j).slice(i * 8, i * 8 + 8))
  expect(spread(epochBatches(lengths, 8, 1, 0))).toBeLessThan(spread(inOrder) / 2)
})

test('evaluation covers every row once, in one order', () => {
  expect(
    evaluationBatches(lengths, 16)
      .flat()
      .sort((a, b) => a - b),
  ).toEqual(lengths.map((_, i) => i))
})

/** Every choice of `count` lengths, the slow way. */
const bestByForce = (batchLengths: number[], count: number): number => {
  const all = [...new Set(batchLengths.map((n) => Math.ceil(n / 8) * 8))].sort((a, b) => a - b)
  let best = Number.POSITIVE_INFINITY
  for (let mask = 1; mask < 1 << all.length; mask++) {
    const chosen = all.filter((_, i) => mask & (1 << i))
    if (chosen.length <= count && chosen.at(-1) === all.at(-1)) best = Math.min(best, padded(batchLengths, chosen))
  }
  return best
}
const padded = (batchLengths: number[], chosen: number[]): number => batchLengths.reduce((n, l) => n + chosen.find((c) => c >= l)!, 0)

test.each([1, 2, 3, 4])('%i bucket lengths waste as little as any', (count) => {
  const batchLengths = [3, 9, 9, 17, 40, 41, 41, 42, 63, 64, 70, 90, 91, 120, 120]
  const chosen = chooseLengths(batchLengths, count)
  expect(chosen.length).toBeLessThanOrEqual(count)
  expect(padded(batchLengths, chosen)).toBe(bestByForce(batchLengths, count))
})

test('with a price, a length is there only if it saves more than that', () => {
  const batchLengths = [8, 8, 8, 8, 16, 16, 64]
  expect(chooseLengths(batchLengths, 4)).toEqual([8, 16, 64])
  // Padding four batches of 8 up to 16 takes 32 more.
  expect(chooseLengths(batchLengths, 4, { price: 31 })).toEqual([8, 16, 64])
  expect(chooseLengths(batchLengths, 4, { price: 33 })).toEqual([16, 64])
  expect(chooseLengths(batchLengths, 4, { price: 1000 })).toEqual([64])
})

test('a bucket holds the fullest of its batches', () => {
  const rows = [10, 12, 30].map((n) => ({ tokens: new Uint32Array(n), weights: new Float32Array(n).fill(1), rowWeight: 1 }))
  const { bucketOf } = bucketed(rows, [[0, 1], [2]], 2, [16, 32], 64)
  expect(bucketOf([0, 1])).toEqual({ rows: 2, length: 16, lossRows: 24 })
  expect(bucketOf([2])).toEqual({ rows: 2, length: 32, lossRows: 32 })
})
