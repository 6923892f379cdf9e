import { type BatchPlacement, type PooledAt, tokenGate } from '@weft/adapters'
import { biasTensors, bucketTensors } from '@weft/inference/positions'
import { type AttentionInputs, IGNORED, meanWeights, pooledIndex, RELATIVE_BUCKETS, type TokenSpan, trainingLayout } from '@weft/model'
import type { Runtime, Tensor } from '@weft/ort'
import type { TokenRow } from '../data/token-row.ts'
import type { TokenGate } from '../graph/gates.ts'
import type { FrozenContext } from '../regularize/frozen-context.ts'
import type { CountedBatch } from '../run/loop.ts'
import type { Bucket } from './batches.ts'

/** Rows of one bucket. There may be fewer than the bucket has; the rest is filled with rows that carry no loss. */
export interface TokenBatch extends CountedBatch {
  bucket: Bucket
  rows: readonly TokenRow[]
  /** Frozen adapters beside the trained one in this batch. */
  context?: FrozenContext
  /**
   * A teacher's hidden states at the loss rows, `[M, H]`, which the frozen model's own projection makes its answers of: the batch is then not learned, but
   * the divergence from them is. Its loss is a mean of its own, times `share`.
   */
  klToTeacher?: { hidden: Float32Array; share: number }
}

export const tokenBatch = (rows: readonly TokenRow[], bucket: Bucket): TokenBatch => ({
  rows,
  bucket,
  weight: rows.reduce((n, row) => n + (row.label === undefined ? row.weights.reduce((m, w) => m + w, 0) : row.rowWeight), 0),
  tokens: rows.reduce((n, row) => n + row.tokens.length + (row.targets?.length ?? 0), 0),
})

/** Where padding stands, and whether positions count it. The default is ours; the other is for comparing with frameworks that count columns. */
export interface LayoutOptions {
  padding?: 'left' | 'right'
  positions?: 'mask' | 'columns'
  padTokenId?: number
  /** Whether a label is learned at the position before it. */
  shifted?: boolean
  /** Where a text's class is read; default its last token. */
  pooledAt?: PooledAt
}

/** Everything a session reads of a batch, allocated once per bucket and rewritten for every batch. */
export interface BatchTensors {
  inputs: Record<string, Tensor>
  /** Writes a batch; loss weights are multiplied by `factor`. */
  write(batch: TokenBatch, factor: number): void
}

/** `input_ids [B,T]`; positions and masks `[B,1,S,prefix+S]` as `AttentionInputs` names them; `loss_index, targets, weights [M]`; `pool_index [B]` or `pool_weights [B,1,S]` of texts with a label. */
export const batchTensors = (
  ort: Runtime,
  { rows: B, length: T, lossRows: M }: Bucket,
  placement: BatchPlacement,
  attention: AttentionInputs,
  { positions = 'mask', pooledAt = 'last', gates = [], ...laid }: LayoutOptions & { gates?: readonly TokenGate[] } = {},
): BatchTensors => {
  const S = placement.rows + T
  const ids = ort.tensor('int64', [B, T])
  const places = Object.fromEntries(
    Object.entries(attention.positionInputs(B, S)).map(([name, { dtype, shape }]): [string, Tensor] => [name, ort.tensor(dtype, shape)]),
  )
  const biases = biasTensors(ort, attention, [B, 1, S, placement.prefix + S])
  const buckets = bucketTensors(ort, attention, [B, S, placement.prefix + S])
  const index = ort.tensor('int64', [M])
  const targets = ort.tensor('int64', [M])
  const weights = ort.tensor('float32', [M])
  const means = pooledAt === 'mean' ? ort.tensor('float32', [B, 1, S]) : null
  const pooled = pooledAt === 'mean' ? null : ort.tensor('int64', [B])
  const opening = Object.fromEntries(gates.map(({ name, invocations }) => [name, ort.tensor('float32', [B, T, invocations.length])]))
  return {
    inputs: {
      input_ids: ids,
      ...places,
      ...biases,
      ...buckets,
      loss_index: index,
      targets,
      weights,
      ...(means && { pool_weights: means }),
      ...(pooled && { pool_index: pooled }),
      ...opening,
    },
    write({ rows }, factor) {
      const filled = Array.from({ length: B }, (_, b) =>
        b < rows.length ? { tokens: rows[b].tokens, labels: learned(rows[b]) } : { tokens: [0], labels: [IGNORED] },
      )
      const layout = trainingLayout({ placement, rows: filled, tokens: T, attention, lossRows: M, positions, ...laid })
      ids.data.set(layout.inputIds)
      attention.writePositions(layout.positions, places)
      for (const [name, bias] of Object.entries(layout.attentionBias)) biases[name].data.set(bias)
      if (layout.buckets) buckets[RELATIVE_BUCKETS].data.set(layout.buckets)
      const from = layout.spans.map((span) => span.from - placement.rows)
      for (const { name, invocations } of gates)
        tokenGate(
          filled.map(({ tokens }, b) => ({ tokens, first: from[b] })),
          T,
          invocations,
          opening[name].data,
        )
      means?.data.set(meanWeights(layout.spans, S))
      if (rows.some((row) => row.label !== undefined)) {
        if (pooled && pooledAt !== 'mean')
          pooled.data.set(pooledIndex(pooledAt, positions === 'columns' ? columnSpans(layout.spans, S, placement) : layout.spans, S))
        index.data.fill(0n)
        targets.data.fill(0n)
        weights.data.fill(0)
        for (const [b, { label, rowWeight }] of rows.entries()) {
          index.data[b] = BigInt(b)
          targets.data[b] = BigInt(label!)
          weights.data[b] = rowWeight * factor
        }
        return
      }
      index.data.set(layout.lossIndex)
      targets.data.set(layout.lossTargets)
      // The layout lists learned tokens row by row, in order; so are their weights.
      const lossWeights = rows.flatMap((row) => [...row.weights].filter((w) => w > 0))
      weights.data.fill(0)
      for (const [i, w] of lossWeights.entries()) weights.data[i] = w * factor
    },
  }
}

/** Who counts columns takes the first for the start, and behind rows, where no mask tells of padding, the last for the last token. */
const columnSpans = (spans: readonly TokenSpan[], S: number, { rows }: BatchPlacement): TokenSpan[] =>
  spans.map(({ from, to }) => ({ start: 0, from, to: rows > 0 ? S : to }))

const learned = ({ tokens, weights, classes = Int32Array.from(tokens) }: TokenRow): Int32Array =>
  classes.map((target, t) => (weights[t] > 0 ? target : IGNORED))
