import type { TaskType } from '@weft/adapters'
import type { TokenBatch } from '../batch/batch-tensors.ts'
import type { TokenRow } from '../data/token-row.ts'
import { jointBucket } from './graph.ts'

/** A row that fills up a batch: it carries no loss. */
const filler = (task: TaskType): TokenRow => ({
  tokens: Uint32Array.of(0),
  targets: Uint32Array.of(0),
  weights: Float32Array.of(0),
  rowWeight: 0,
  ...(task === 'SEQ_CLS' && { label: 0 }),
})

/** Every adapter's batch as one: its rows, filled up to its bucket's number, with their loss weights times its factor. */
export const jointBatch = (task: TaskType, batches: readonly TokenBatch[], factors: readonly number[]): TokenBatch => {
  const rows = batches.flatMap(({ rows, bucket }, a) =>
    Array.from({ length: bucket.rows }, (_, b) =>
      b < rows.length ? { ...rows[b], rowWeight: rows[b].rowWeight * factors[a], weights: rows[b].weights.map((weight) => weight * factors[a]) } : filler(task),
    ),
  )
  const total = (of: (batch: TokenBatch) => number): number => batches.reduce((sum, batch) => sum + of(batch), 0)
  return {
    bucket: jointBucket(
      task,
      batches.map(({ bucket }) => bucket),
    ),
    rows,
    weight: total(({ weight }) => weight),
    tokens: total(({ tokens }) => tokens),
  }
}

/** The entries `[M]` of a joint batch's loss that are each adapter's own, from and to. A weight may be too small for its factor, and its token is not among them then. */
export const lossSpans = (joint: TokenBatch, batches: readonly TokenBatch[]): [from: number, to: number][] => {
  let [row, at] = [0, 0]
  return batches.map(({ bucket }) => {
    const rows = joint.rows.slice(row, row + bucket.rows)
    row += bucket.rows
    const learned = rows.reduce((sum, { weights }) => sum + weights.reduce((n, weight) => n + (weight > 0 ? 1 : 0), 0), 0)
    const from = at
    at += rows.some(({ label }) => label !== undefined) ? bucket.rows : learned
    return [from, at]
  })
}
