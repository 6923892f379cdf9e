import { IGNORED, type RotaryTable, trainingLayout, type VirtualTokens } from '@weft/model'
import type { Runtime, Tensor } from '@weft/ort'
import type { Bucket } from './batches.ts'
import type { TokenRow } from './data.ts'
import type { CountedBatch } from './loop.ts'

/** Rows of one bucket. There may be fewer than the bucket has; the rest is filled with rows that carry no loss. */
export interface TokenBatch extends CountedBatch {
  bucket: Bucket
  rows: readonly TokenRow[]
}

export const tokenBatch = (rows: readonly TokenRow[], bucket: Bucket): TokenBatch => ({
  rows, bucket,
  weight: rows.reduce((n, row) => n + (row.label === undefined ? row.weights.reduce((m, w) => m + w, 0) : row.rowWeight), 0),
  tokens: rows.reduce((n, row) => n + row.tokens.length, 0),
})

/** Where padding stands, and whether positions count it. The default is ours; the other is for comparing with frameworks that count columns. */
export interface LayoutOptions { padding?: 'left' | 'right'; positions?: 'mask' | 'columns' }

/** Everything a session reads of a batch, allocated once per bucket and rewritten for every batch. */
export interface BatchTensors {
  inputs: Record<string, Tensor>
  /** Writes a batch; loss weights are multiplied by `factor`. */
  write(batch: TokenBatch, factor: number): void
}

/** `input_ids [B,T]`, `cos, sin [B,S,D/2]`, `attention_bias [B,1,S,prefix+S]`, `loss_index, targets, weights [M]`. */
export const batchTensors = (
  ort: Runtime, { rows: B, length: T, lossRows: M }: Bucket, virtual: VirtualTokens, rotary: RotaryTable,
  { padding, positions = 'mask' }: LayoutOptions = {},
): BatchTensors => {
  const S = (virtual.numRows ?? 0) + T
  const ids = ort.tensor('int64', [B, T])
  const cos = ort.tensor('float32', [B, S, rotary.half])
  const sin = ort.tensor('float32', [B, S, rotary.half])
  const bias = ort.tensor('float32', [B, 1, S, (virtual.prefixLength ?? 0) + S])
  const index = ort.tensor('int64', [M])
  const targets = ort.tensor('int64', [M])
  const weights = ort.tensor('float32', [M])
  return {
    inputs: { input_ids: ids, cos, sin, attention_bias: bias, loss_index: index, targets, weights },
    write({ rows }, factor) {
      const filled = Array.from({ length: B }, (_, b) => (b < rows.length
        ? { tokens: rows[b].tokens, labels: learned(rows[b]) }
        : { tokens: [0], labels: [IGNORED] }))
      const layout = trainingLayout({ ...virtual, rows: filled, tokens: T, rotary, lossRows: M, padding })
      ids.data.set(layout.inputIds)
      cos.data.set(layout.cos)
      sin.data.set(layout.sin)
      bias.data.set(layout.attentionBias)
      if (positions === 'columns') writeColumnPositions(cos.data, sin.data, B, S, virtual, rotary)
      if (rows.some(row => row.label !== undefined)) {
        index.data.fill(0n)
        targets.data.fill(0n)
        weights.data.fill(0)
        for (const [b, { label, rowWeight }] of rows.entries()) {
          index.data[b] = layout.lastIndex[b]
          targets.data[b] = BigInt(label!)
          weights.data[b] = rowWeight * factor
        }
        return
      }
      index.data.set(layout.lossIndex)
      targets.data.set(layout.lossTargets)
      // The layout lists learned tokens row by row, in order; so are their weights.
      const lossWeights = rows.flatMap(row => [...row.weights].filter(w => w > 0))
      weights.data.fill(0)
      for (const [i, w] of lossWeights.entries()) weights.data[i] = w * factor
    },
  }
}

const writeColumnPositions = (
  cos: Float32Array, sin: Float32Array, B: number, S: number, { longestPrefix, prefixLength = 0 }: VirtualTokens, rotary: RotaryTable,
): void => {
  const columns = Int32Array.from({ length: S }, (_, i) => (longestPrefix ?? prefixLength) + i)
  for (let b = 0; b < B; b++) rotary.write(columns, cos, sin, b * S)
}

const learned = ({ tokens, weights }: TokenRow): Int32Array =>
  Int32Array.from(tokens, (token, t) => (weights[t] > 0 ? token : IGNORED))
