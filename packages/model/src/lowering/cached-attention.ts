import { MASKED } from '@weft/adapters'
import type { Dim, GraphBuilder, Value } from '@weft/graph'
import type { AttentionOptions, ModelShape } from '../architectures/architecture.ts'
import { biasInput } from '../layout/attention-inputs.ts'

/** How a layer attends, and whether the host masks and weighs what it sees; if not, the layer's own window does. */
export type LayerAttention = AttentionOptions & { scale: number; bias: boolean }

/** A layer's queries, keys and values of this step, rotated, `[B*T, heads*D]`, and what its cache is. */
export interface CachedInputs {
  q: Value
  k: Value
  v: Value
  /** `[rows, K, C, D]` */
  pastKey: Value
  pastValue: Value
  /** Added to the logits toward the first slots, `[B or 1,K,P]`, where the host masks and weighs; null without any. */
  keyBias: Value | null
}

/** Writes this step's keys and values into the cache and attends to it: `[B*T, N*D]`, present key, present value. */
export type CachedAttention = (g: GraphBuilder, model: ModelShape, at: LayerAttention, inputs: CachedInputs) => [mixed: Value, key: Value, value: Value]

/** ONNX Runtime's own op, on consecutive rows: row b of the step is row b of the tensors bound. */
export const fusedAttention: CachedAttention = (g, { spec }, { window = null, scale, bias }, { q, k, v, pastKey, pastValue, keyBias }) => {
  const { numHeads: N, numKeyValueHeads: K, headDim: D } = spec
  // The op computes in one type, the cache's.
  const held = (x: Value): Value => g.cast(x, pastKey.dtype)
  const sequence = (rows: Value, n: number): Value => held(g.reshape(rows, ['B', 'T', n * D]))
  const mask = (): Value => g.input(biasInput(window), 'float32', ['B', 1, 'T', 'total'])
  const [mixed, key, value] = g.groupQueryAttention(
    {
      query: sequence(q, N),
      key: sequence(k, K),
      value: sequence(v, K),
      pastKey,
      pastValue,
      seqlensK: g.input('seqlens_k', 'int32', ['B']),
      totalSequenceLength: g.input('total_sequence_length', 'int32', []),
      ...(bias && { attentionBias: held(keyBias ? ofEachHead(g, mask(), overSlots(g, keyBias, 'total'), N / K) : mask()) }),
    },
    { numHeads: N, kvNumHeads: K, scale, ...(window !== null && !bias && { window }) },
  )
  return [g.reshape(g.cast(mixed, q.dtype), ['B*T', N * D]), key, value]
}

/**
 * The same as products of matrices, where the op has no kernel: float32 on CUDA, several new tokens behind filled slots, heads of any size. Step row b is
 * any row of the cache, `cache_rows [B]`; the new keys go to the places that `cache_slots [B,K,T,3]` names (row, head, slot), written in place
 * when past and present are one tensor. A query sees the slots of `slot_index [C]` (0, 1, …) that come before `query_ends [B,T]`, or what
 * the host says, lengths and causality included: `attention_bias [B,1,T,C]`.
 */
export const productAttention: CachedAttention = (g, { spec }, { window = null, scale, bias }, { q, k, v, pastKey, pastValue, keyBias }) => {
  const { numHeads: N, numKeyValueHeads: K, headDim: D } = spec
  const G = N / K
  const slots = g.input('cache_slots', 'int64', ['B', K, 'T', 3])
  const rows = g.input('cache_rows', 'int64', ['B'])
  const heads = (x: Value, n: number): Value => g.transpose(g.reshape(x, ['B', 'T', n, D]), [0, 2, 1, 3]) // [B, n, T, D]
  // Read after the write, so that it sees what was written though both are the same memory.
  const key = g.scatterND(pastKey, slots, heads(k, K))
  const value = g.scatterND(pastValue, slots, heads(v, K))
  const queries = g.reshape(heads(g.mul(q, scale), N), ['B', K, `${G}*T`, D])
  const scores = g.matMul(queries, g.transpose(g.gather(key, rows, 0), [0, 1, 3, 2])) // [B, K, G*T, C]
  const mask = bias ? g.input(biasInput(window), 'float32', ['B', 1, 'T', 'C']) : causalMask(g, window)
  const everyHead = g.reshape(mask, ['B', 1, 1, 'T', 'C'])
  const added = keyBias ? g.add(everyHead, overSlots(g, keyBias, 'C')) : everyHead
  const biased = g.add(g.reshape(scores, ['B', K, G, 'T', 'C']), added)
  const shares = g.reshape(g.softmax(biased, { axis: -1 }), ['B', K, `${G}*T`, 'C'])
  const mixed = g.reshape(g.matMul(shares, g.gather(value, rows, 0)), ['B', N, 'T', D])
  return [g.reshape(g.transpose(mixed, [0, 2, 1, 3]), ['B*T', N * D]), key, value]
}

/** `[B,T,C]`: 0 where a query sees a slot, MASKED elsewhere. */
function causalMask(g: GraphBuilder, window: number | null): Value {
  const index = g.input('slot_index', 'float32', ['C'])
  const ends = g.reshape(g.input('query_ends', 'float32', ['B', 'T']), ['B', 'T', 1])
  const before = g.less(index, ends)
  return g.where(window === null ? before : g.and(before, g.greater(index, g.sub(ends, window + 1))), 0, MASKED)
}

/** The input that says which column of the key biases each slot has: −1, a column of zeros, for all but a prefix's. */
export const KEY_BIAS_INDEX = 'key_bias_index'

/** Key biases `[B or 1,K,P]` over the slots of a cache, `[B or 1,K,1,1,slots]`. */
export const overSlots = (g: GraphBuilder, keyBias: Value, slots: Dim): Value => {
  const [rows, K] = keyBias.shape
  const padded = g.pad(keyBias, { pads: [0, 0, 0, 0, 0, 1] })
  return g.reshape(g.gather(padded, g.input(KEY_BIAS_INDEX, 'int64', [slots]), 2), [rows, K, 1, 1, slots])
}

/** A mask `[B,1,T,slots]` with the biases `[B or 1,K,1,1,slots]` of key heads, for each query head: `[B,N,T,slots]`. */
function ofEachHead(g: GraphBuilder, mask: Value, biases: Value, group: number): Value {
  const [rows, K, , , slots] = biases.shape as [Dim, number, Dim, Dim, Dim]
  const added = g.add(g.reshape(mask, ['B', 1, 1, 'T', slots]), g.expand(biases, [rows, K, group, 1, slots]))
  return g.reshape(added, ['B', K * group, 'T', slots])
}
