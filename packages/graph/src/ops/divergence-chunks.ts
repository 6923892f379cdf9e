import type { GraphBuilder } from '../builder.ts'
import type { Value } from '../value.ts'

/** One block of rows of two linear layers and the divergence between their softmaxes; m rows. */
export interface DivergenceChunk {
  /** `[m,H]`. */
  x: Value
  /** Softmax of x · wᵀ and of teacher · teacherWeightᵀ, `[m,V]`. */
  p: Value
  teacher: Value
  /** `weights`, `[m,1]`. */
  weights: Value
  /** Σ teacher · log(teacher/p), `[m,1]`. */
  loss: Value
}

/**
 * The loss's blocks in primitives. Loss and gradient both call this; equal nodes being one, each block's logits exist once.
 * Σ t·log(t/p) = Σ t·(teacher's logits − logits) − log Σ exp(teacher's) + log Σ exp: no logarithm of a small probability.
 */
export function divergenceChunks(g: GraphBuilder, inputs: readonly (Value | undefined)[], { chunks }: { chunks: number }): DivergenceChunk[] {
  const [x, w, teacher, teacherWeight, weights] = inputs as readonly Value[]
  const M = x.shape[0]
  const rows = typeof M === 'number' ? Math.ceil(M / chunks) : M
  const count = typeof M === 'number' && typeof rows === 'number' ? Math.ceil(M / rows) : 1
  return Array.from({ length: count }, (_, i) => {
    const part = (value: Value) => (count === 1 ? value : g.slice(value, { starts: [i * Number(rows)], ends: [(i + 1) * Number(rows)], axes: [0] }))
    const own = part(x)
    const [logits, given] = [g.gemm(own, w, { transB: true }), g.gemm(part(teacher), teacherWeight, { transB: true })] // [m,V]
    const [p, t] = [logits, given].map((each) => g.softmax(each, { axis: 1 }))
    const logSumExp = (each: Value, share: Value) => g.sub(g.reduceMax(each, { axes: [1] }), g.log(g.reduceMax(share, { axes: [1] })))
    const apart = g.reduceSum(g.mul(t, g.sub(given, logits)), { axes: [1] }) // [m,1]
    const loss = g.add(apart, g.sub(logSumExp(logits, p), logSumExp(given, t)))
    return { x: own, p, teacher: t, weights: g.reshape(part(weights), [own.shape[0], 1]), loss }
  })
}
