import { sameShape } from '../dim.ts'
import { numbers } from '../dtype.ts'
import { defineOp, type Emit } from '../op.ts'
import type { Value } from '../value.ts'

/** x / √(mean(x²) + ε) · scale over the last axis (Zhang & Sennrich 2019, https://arxiv.org/abs/1910.07467). `x […,H]`, `scale [H]`. */
export const RmsNormalization = defineOp({
  build: (emit: Emit<{ epsilon: number }>) => (x: Value, scale: Value, { epsilon = 1e-5 }: { epsilon?: number } = {}) =>
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
