import { sameShape } from '../dim.ts'
import { numbers } from '../dtype.ts'
import type { OpRecord } from '../op.ts'
import type { Value } from '../value.ts'
import { crossEntropyChunks, defaultChunks } from './cross-entropy-chunks.ts'

export interface LinearCrossEntropyOptions {
  /** `[V]`. */
  bias?: Value
  /** Blocks of rows whose logits exist one after another. By default so many that one takes at most 32 MB. */
  chunks?: number
}

/**
 * Σ weights · (−log softmax(x · wᵀ + bias)[target]), a scalar, its logits held in blocks of rows.
 * `x [M,H]`, `w [V,H]`, `targets [M]` int64 or int32, `weights [M]`. A row of weight 0 counts for nothing, but its target must be a valid index.
 */
export const LinearCrossEntropy: OpRecord<
  { chunks: number },
  (x: Value, w: Value, targets: Value, weights: Value, options?: LinearCrossEntropyOptions) => Value
> = {
  build:
    (emit) =>
    (x, w, targets, weights, { bias, chunks = defaultChunks(x, w) } = {}) =>
      emit(bias ? [x, w, targets, weights, bias] : [x, w, targets, weights], { chunks })[0],
  infer: ([x, w, targets, weights, bias]) => {
    const [M, H] = x.shape
    const [V] = w.shape
    if (x.shape.length !== 2 || !sameShape(w.shape, [V, H])) throw 'x must be [M,H] and w [V,H]'
    if ((targets.dtype !== 'int64' && targets.dtype !== 'int32') || !sameShape(targets.shape, [M])) throw `targets must be int64 or int32 [${M}]`
    if (weights.dtype !== x.dtype || !sameShape(weights.shape, [M])) throw `weights must be ${x.dtype} [${M}]`
    if (bias && !sameShape(bias.shape, [V])) throw `bias must be [${V}]`
    return [{ dtype: x.dtype, shape: [] }]
  },
  run: ([x, w, targets, weights, bias], _, context) => {
    const [from, rows, at, weight] = [x, w, targets, weights].map(numbers)
    const added = bias && numbers(bias)
    const [M, H] = x.shape
    const V = w.shape[0]
    const out = context.buffer()
    const logits = new Float64Array(V)
    for (let m = 0; m < M; m++) {
      if (weight[m] === 0) continue
      for (let v = 0; v < V; v++) {
        logits[v] = added ? added[v] : 0
        for (let h = 0; h < H; h++) logits[v] += from[m * H + h] * rows[v * H + h]
      }
      const max = logits.reduce((a, b) => Math.max(a, b), -Infinity)
      const sum = logits.reduce((total, logit) => total + Math.exp(logit - max), 0)
      out[0] += weight[m] * (max + Math.log(sum) - logits[at[m] < 0 ? at[m] + V : at[m]])
    }
    return [context.result(out)]
  },
  lower: (g, inputs, attributes) => [
    crossEntropyChunks(g, inputs, attributes)
      .map(({ weights, loss }) => g.reduceSum(g.mul(weights, loss), { keepdims: false }))
      .reduce((a, b) => g.add(a, b)),
  ],
}
