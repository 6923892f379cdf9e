import type { ModelSpec } from '@weft/adapters'
import type { GraphBuilder, Value } from '@weft/graph'
import type { Initializer } from '@weft/methods'

/** Whether the checkpoint stores linear layers `[in, out]` (GPT-2's Conv1D): a layer that is not square tells. */
export const ofTransposed = ({ modules, weights }: ModelSpec): boolean =>
  Object.entries(modules).some(([module, [out, input]]) => {
    const shape = weights[`${module}.weight`]
    return shape !== undefined && out !== input && shape[0] === input && shape[1] === out
  })

/**
 * Length of each row of W + B·A, `[out]`, by ‖W‖² + 2·(W·Aᵀ)∘B + (B·A·Aᵀ)∘B summed over the rank: the sum itself, as large as the weight, is
 * never made. `weight` is `[out,in]`, or `[in,out]` where `transposed`.
 */
export function adaptedNorm(g: GraphBuilder, weight: Value, a: Value, b: Value, transposed: boolean): Value {
  const own = g.reduceSumSquare(weight, { axes: [transposed ? 0 : 1], keepdims: false })
  const met = g.gemm(weight, a, { transA: transposed, transB: true }) // W·Aᵀ [out,R]
  const among = g.matMul(b, g.gemm(a, a, { transB: true })) // B·(A·Aᵀ) [out,R]
  const added = g.reduceSum(g.mul(g.add(g.mul(met, 2), among), b), { axes: [1], keepdims: false })
  // Rounding must not make a square of what cancels out negative.
  return g.sqrt(g.max(g.add(own, added), 1e-30))
}

/** m starts as the length of the frozen weight's rows, so that a fresh adapter is the identity. */
export const magnitudeInitializer =
  (module: string, model: ModelSpec): Initializer =>
  (context, [out]) => {
    const weight = context.baseWeight(`${module}.weight`)
    const input = weight.length / out
    const transposed = ofTransposed(model)
    return Float32Array.from({ length: out }, (_, row) => {
      let square = 0
      for (let i = 0; i < input; i++) square += weight[transposed ? i * out + row : row * input + i] ** 2
      return Math.sqrt(square)
    })
  }
