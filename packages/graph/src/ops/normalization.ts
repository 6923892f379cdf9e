import { sameShape } from '../dim.ts'
import { numbers } from '../dtype.ts'
import { defineOp, type Emit } from '../op.ts'
import type { Value } from '../value.ts'

/** x / √(mean(x²) + ε) · scale over the last axis (Zhang & Sennrich 2019, https://arxiv.org/abs/1910.07467). `x […,H]`, `scale [H]`. */
export const RmsNormalization = defineOp({
  build:
    (emit: Emit<{ epsilon: number }>) =>
    (x: Value, scale: Value, { epsilon = 1e-5 }: { epsilon?: number } = {}) =>
      emit([x, scale], { epsilon })[0],
  infer: ([x, scale]) => {
    if (x.dtype !== scale.dtype) throw `scale must be ${x.dtype}, got ${scale.dtype}`
    if (!sameShape(scale.shape, x.shape.slice(-1))) throw `scale must have the size of the last axis, ${x.shape.at(-1)}`
    return [x]
  },
  run: ([x, scale], { epsilon }, context) => {
    const out = context.buffer()
    const [from, factor] = [numbers(x), numbers(scale)]
    const H = factor.length
    for (let start = 0; start < out.length; start += H) {
      let squares = 0
      for (let i = 0; i < H; i++) squares += from[start + i] ** 2
      const inverse = 1 / Math.sqrt(squares / H + epsilon)
      for (let i = 0; i < H; i++) out[start + i] = from[start + i] * inverse * factor[i]
    }
    return [context.result(out)]
  },
  onnx: ({ epsilon }) => ({ type: 'RMSNormalization', attributes: { axis: -1, epsilon: { float: epsilon } } }),
})

/**
 * (x − μ) / √(σ² + ε) · scale + bias over the last axis (Ba et al. 2016, https://arxiv.org/abs/1607.06450). `x […,H]`, `scale, bias [H]`.
 * The builder returns the first output; the rows' μ and 1/√(σ² + ε), `[…,1]`, are there for the gradient, which reads them instead of computing them again.
 */
export const LayerNormalization = defineOp({
  build:
    (emit: Emit<{ epsilon: number }>) =>
    (x: Value, scale: Value, bias: Value, { epsilon = 1e-5 }: { epsilon?: number } = {}) =>
      emit([x, scale, bias], { epsilon })[0],
  infer: ([x, scale, bias]) => {
    for (const [name, { dtype, shape }] of [
      ['scale', scale],
      ['bias', bias],
    ] as const) {
      if (x.dtype !== dtype) throw `${name} must be ${x.dtype}, got ${dtype}`
      if (!sameShape(shape, x.shape.slice(-1))) throw `${name} must have the size of the last axis, ${x.shape.at(-1)}`
    }
    // Statistics are float32 whatever x is: the op's `stash_type`.
    const row = { dtype: 'float32' as const, shape: [...x.shape.slice(0, -1), 1] }
    return [x, row, row]
  },
  run: ([x, scale, bias], { epsilon }, context) => {
    const [out, means, inverses] = [context.buffer(), context.buffer(1), context.buffer(2)]
    const [from, factor, shift] = [numbers(x), numbers(scale), numbers(bias)]
    const H = factor.length
    for (let row = 0; row < means.length; row++) {
      const start = row * H
      let sum = 0
      for (let i = 0; i < H; i++) sum += from[start + i]
      const mean = sum / H
      let squares = 0
      for (let i = 0; i < H; i++) squares += (from[start + i] - mean) ** 2
      const inverse = 1 / Math.sqrt(squares / H + epsilon)
      for (let i = 0; i < H; i++) out[start + i] = (from[start + i] - mean) * inverse * factor[i] + shift[i]
      means[row] = mean
      inverses[row] = inverse
    }
    return [context.result(out), context.result(means, 1), context.result(inverses, 2)]
  },
  onnx: ({ epsilon }) => ({ attributes: { axis: -1, epsilon: { float: epsilon } }, requiredOutputs: 1 }),
})
