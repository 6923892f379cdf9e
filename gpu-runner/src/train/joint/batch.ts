import type { TokenBatch } from '../batch-tensors.ts'
import type { TokenRow } from '../data.ts'
import { jointBucket } from './graph.ts'

/** A row that fills up a batch: it carries no loss. */
const filler: TokenRow = { tokens: Uint32Array.of(0), weights: Float32Array.of(0), rowWeight: 0 }

/** Every adapter's batch as one: its rows, filled up to its bucket's number, with their loss weights times its factor. */
export const jointBatch = (batches: readonly TokenBatch[], factors: readonly number[]): TokenBatch => {
  const rows = batches.flatMap(({ rows, bucket }, a) => Array.from({ length: bucket.rows }, (_, b) =>
    (b < rows.length ? { ...rows[b], weights: rows[b].weights.map((weight) => weight * factors[a]) } : filler)))
  const total = (of: (batch: TokenBatch) => number): number => batches.reduce((sum, batch) => sum + of(batch), 0)
  return { bucket: jointBucket(batches.map(({ bucket }) => bucket)), rows, weight: total(({ weight }) => weight), tokens: total(({ tokens }) => tokens) }
}

/** Writes loss weights `[M]`, row after row of a batch, into one row an adapter: `[A,M]`. */
export const writeWeights = (batches: readonly TokenBatch[], weights: Float32Array, into: Float32Array): void => {
  into.fill(0)
  let at = 0
  for (const [a, { rows }] of batches.entries()) {
    const learned = rows.reduce((sum, row) => sum + row.weights.reduce((n, weight) => n + (weight > 0 ? 1 : 0), 0), 0)
    into.set(weights.subarray(at, at + learned), a * weights.length + at)
    at += learned
  }
}
