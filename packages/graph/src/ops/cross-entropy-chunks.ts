import type { GraphBuilder } from '../builder.ts'
import type { Value } from '../value.ts'
import { narrowIndices } from './narrow-indices.ts'

/** Bytes that one block of logits may take, unless the caller names the number of chunks. */
const chunkBytes = 32 * 2 ** 20

/** Number of blocks of rows, so that a block's logits fit `chunkBytes`; 1 when M is not known. */
export function defaultChunks(x: Value, w: Value): number {
  const [M, V] = [x.shape[0], w.shape[0]]
  if (typeof M !== 'number' || typeof V !== 'number') return 1
  return Math.min(Math.max(1, Math.ceil((M * V * 4) / chunkBytes)), Math.max(1, M))
}

/** One block of rows of a linear layer and the cross-entropy on top; m rows. */
export interface CrossEntropyChunk {
  /** `[m,H]`. */
  x: Value
  /** Softmax of the logits, `[m,V]`. */
  p: Value
  /** `w[targets]`, `[m,H]`. */
  targetRows: Value
  /** `weights`, `[m,1]`. */
  weights: Value
  /** log Σ exp(logits), `[m,1]`. */
  logSumExp: Value
  /** −log p[target], `[m,1]`. */
  loss: Value
}

/**
 * The loss's blocks in primitives. Loss and gradient both call this; equal nodes being one, each block's logits exist once.
 *
 * Softmax is the one full pass that both need. Its logarithm at the target never takes another: the largest entry gives
 * log Σ exp = max(logits) − log(max(p)), where max(p) ≥ 1/V, and the target's logit is x · w[target] (+ bias).
 */
export function crossEntropyChunks(
  g: GraphBuilder,
  [x, w, targets, weights, bias]: readonly (Value | undefined)[],
  { chunks }: { chunks: number },
): CrossEntropyChunk[] {
  if (!x || !w || !targets || !weights) return []
  const M = x.shape[0]
  const rows = typeof M === 'number' ? Math.ceil(M / chunks) : M
  const count = typeof M === 'number' && typeof rows === 'number' ? Math.ceil(M / rows) : 1
  const narrow = count === 1 ? targets : narrowIndices(g, targets, w.shape[0])
  return Array.from({ length: count }, (_, i) => {
    const start = i * Number(rows)
    const part = (value: Value) => (count === 1 ? value : g.slice(value, { starts: [start], ends: [start + Number(rows)], axes: [0] }))
    const [xi, wi] = [part(x), part(weights)]
    const m = xi.shape[0]
    // A Slice of integers is more than WebGPU can do; a Gather is not.
    const range = () =>
      g.constant(
        Int32Array.from({ length: Number(m) }, (_, k) => start + k),
        [Number(m)],
      )
    const ti = count === 1 ? targets : g.gather(narrow, range(), 0)
    const logits = g.gemm(xi, w, { transB: true, c: bias }) // [m,V]
    const max = g.reduceMax(logits, { axes: [1] }) // [m,1]
    const p = g.softmax(logits, { axis: 1 }) // [m,V]
    const logSumExp = g.sub(max, g.log(g.reduceMax(p, { axes: [1] }))) // [m,1]
    const targetRows = g.gather(w, ti, 0) // [m,H]
    let target = g.reduceSum(g.mul(xi, targetRows), { axes: [1] }) // [m,1]
    if (bias) target = g.add(target, g.reshape(g.gather(bias, ti, 0), [m, 1]))
    const column = g.reshape(wi, [m, 1])
    return { x: xi, p, targetRows, weights: column, logSumExp, loss: g.sub(logSumExp, target) }
  })
}
