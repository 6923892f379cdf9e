import type { Initializer, ModelSpec } from '@weft/core'
import type { GraphBuilder, Value } from '@weft/graph'

/** Whether the checkpoint stores linear layers `[in, out]` (GPT-2's Conv1D): a layer that is not square tells. */
export const ofTransposed = ({ modules, weights }: ModelSpec): boolean => Object.entries(modules).some(([module, [out, input]]) => {
  const shape = weights[`${module}.weight`]
  return shape !== undefined && out !== input && shape[0] === input && shape[1] === out
})

/** Length of each row of a weight `[out,in]`: `[out]`. */
export const weightNorm = (g: GraphBuilder, weight: Value): Value => g.sqrt(g.reduceSumSquare(weight, { axes: [1], keepdims: false }))

/** m starts as the length of the frozen weight's rows, so that a fresh adapter is the identity. */
export const magnitudeInitializer = (module: string, model: ModelSpec): Initializer => (context, [out]) => {
  const weight = context.baseWeight(`${module}.weight`)
  const input = weight.length / out
  const transposed = ofTransposed(model)
  return Float32Array.from({ length: out }, (_, row) => {
    let square = 0
    for (let i = 0; i < input; i++) square += weight[transposed ? i * out + row : row * input + i] ** 2
    return Math.sqrt(square)
  })
}
