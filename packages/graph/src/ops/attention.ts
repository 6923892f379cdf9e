import { sameShape } from '../dim.ts'
import { numbers } from '../dtype.ts'
import { defineOp, type Emit } from '../op.ts'
import type { Value } from '../value.ts'

export interface GroupQueryAttentionInputs {
  /** `[B,T,N·D]`; positions already applied. */
  query: Value
  /** `[B,T,K·D]`. */
  key: Value
  value: Value
  /** The cache, `[B,K,S,D]`: S slots a row, of which the first are in use. */
  pastKey: Value
  pastValue: Value
  /** `[B]` int32: slots in use after this call, minus one. */
  seqlensK: Value
  /** `[1]` int32: the largest number of slots in use after this call; at most S. */
  totalSequenceLength: Value
  /** `[B or 1, N or 1, T, total]`, added to the scaled scores. */
  attentionBias?: Value
}

export interface GroupQueryAttentionOptions {
  numHeads: number
  kvNumHeads: number
  /** Factor of the scores; 1/√D unless said. */
  scale?: number
  /** How many slots a query sees, its own included: the last W; all before it when absent. */
  window?: number
}
type Attributes = { numHeads: number; kvNumHeads: number; scale: number; window: number }

/**
 * Causal attention over a cache, written in place, query heads sharing key heads in groups
 * (Ainslie et al. 2023, https://arxiv.org/abs/2305.13245). Inference only. Gives the output `[B,T,N·D]` and the cache with
 * this call's keys and values at slots `seqlensK + 1 − T …`; slots beyond a row's own are of no meaning.
 */
export const GroupQueryAttention = defineOp({
  build:
    (emit: Emit<Attributes>) =>
    (inputs: GroupQueryAttentionInputs, { numHeads, kvNumHeads, scale, window = -1 }: GroupQueryAttentionOptions): Value[] => {
      const { query, key, value, pastKey, pastValue, seqlensK, totalSequenceLength, attentionBias } = inputs
      const headSize = pastKey.shape[3]
      return emit([query, key, value, pastKey, pastValue, seqlensK, totalSequenceLength, undefined, undefined, undefined, attentionBias], {
        numHeads,
        kvNumHeads,
        scale: scale ?? 1 / Math.sqrt(Number(headSize)),
        window,
      })
    },
  infer: ([query, key, value, pastKey, pastValue, seqlensK, total], { numHeads, kvNumHeads, window }) => {
    if (window !== -1 && !(Number.isInteger(window) && window > 0)) throw `window must be a whole number of at least 1, not ${window}`
    if (numHeads % kvNumHeads !== 0) throw `${numHeads} heads do not share ${kvNumHeads} key heads evenly`
    const [B, T] = query.shape
    const [, K, , D] = pastKey.shape
    if (typeof D !== 'number' || K !== kvNumHeads) throw `pastKey must be [B,${kvNumHeads},S,D]`
    if (!sameShape(query.shape, [B, T, numHeads * D])) throw `query must be [${[B, T, numHeads * D]}]`
    if (!sameShape(key.shape, [B, T, kvNumHeads * D]) || !sameShape(value.shape, key.shape)) throw `key and value must be [${[B, T, kvNumHeads * D]}]`
    if (!sameShape(pastKey.shape, pastValue.shape)) throw 'pastKey and pastValue must have one shape'
    if (seqlensK.dtype !== 'int32' || total.dtype !== 'int32') throw 'seqlensK and totalSequenceLength must be int32'
    return [query, pastKey, pastValue]
  },
  run: ([query, key, value, pastKey, pastValue, seqlensK, , , , , bias], { numHeads, kvNumHeads, scale, window }, context) => {
    const [B, T] = query.shape
    const [, K, S, D] = pastKey.shape
    const [q, k, v] = [query, key, value].map(numbers)
    const keys = Float64Array.from(numbers(pastKey))
    const values = Float64Array.from(numbers(pastValue))
    const out = context.buffer()
    const last = numbers(seqlensK)
    const added = bias && numbers(bias)
    for (let b = 0; b < B; b++) {
      // A first prompt may be shorter than T (padded on the right): it still starts at slot 0.
      const past = Math.max(0, last[b] + 1 - T)
      for (let t = 0; t < T; t++) {
        for (let h = 0; h < K; h++) {
          const slot = ((b * K + h) * S + past + t) * D
          for (let d = 0; d < D; d++) {
            keys[slot + d] = k[((b * T + t) * K + h) * D + d]
            values[slot + d] = v[((b * T + t) * K + h) * D + d]
          }
        }
      }
      for (let n = 0; n < numHeads; n++) {
        const head = (b * K + Math.floor(n / (numHeads / kvNumHeads))) * S * D
        for (let t = 0; t < T; t++) {
          const from = (b * T + t) * numHeads * D + n * D
          const scores = new Float64Array(past + t + 1)
          for (let s = 0; s < scores.length; s++) {
            for (let d = 0; d < D; d++) scores[s] += q[from + d] * keys[head + s * D + d]
            scores[s] *= scale
            if (window > 0 && s <= past + t - window) scores[s] = -Infinity
            if (added) {
              const [bb, bn, bt, bs] = bias.shape
              scores[s] += added[(((b % bb) * bn + (n % bn)) * bt + t) * bs + s]
            }
          }
          const max = scores.reduce((a, x) => Math.max(a, x), -Infinity)
          const weights = scores.map((x) => Math.exp(x - max))
          const sum = weights.reduce((a, x) => a + x, 0)
          for (let s = 0; s < scores.length; s++) {
            for (let d = 0; d < D; d++) out[from + d] += (weights[s] / sum) * values[head + s * D + d]
          }
        }
      }
    }
    return [context.result(out), context.result(keys, 1), context.result(values, 2)]
  },
  onnx: ({ numHeads, kvNumHeads, scale, window }) => ({
    domain: 'com.microsoft',
    attributes: { num_heads: numHeads, kv_num_heads: kvNumHeads, scale: { float: scale }, do_rotary: 0, ...(window > 0 && { local_window_size: window }) },
  }),
})
