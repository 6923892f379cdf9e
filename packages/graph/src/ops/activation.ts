import { sameShape } from '../dim.ts'
import { isFloat, numbers } from '../dtype.ts'
import { erf } from '../erf.ts'
import { defineOp, type Emit, type None, type OpRecord } from '../op.ts'
import type { Value } from '../value.ts'

/** silu(gate) · up, silu(x) = x·σ(x) (Shazeer 2020, https://arxiv.org/abs/2002.05202). One op, so that its gradient can be written in two passes. */
export const SwiGlu: OpRecord<None, (gate: Value, up: Value) => Value> = {
  build: (emit) => (gate, up) => emit([gate, up], {})[0],
  infer: ([gate, up]) => {
    if (gate.dtype !== up.dtype) throw `both operands must have one dtype, got ${gate.dtype} and ${up.dtype}`
    if (!sameShape(gate.shape, up.shape)) throw `both operands must have one shape, got [${gate.shape}] and [${up.shape}]`
    return [gate]
  },
  run: ([gate, up], _, context) => {
    const out = context.buffer()
    const [x, y] = [numbers(gate), numbers(up)]
    for (let i = 0; i < out.length; i++) out[i] = (x[i] / (1 + Math.exp(-x[i]))) * y[i]
    return [context.result(out)]
  },
  lower: (g, [gate, up]) => [g.mul(g.mul(gate!, g.sigmoid(gate!)), up!)],
}

/** `none` is x·Φ(x), with the error function; `tanh` is its approximation, which GPT-2 and T5 v1.1 were trained with. */
export type GeluForm = 'none' | 'tanh'

const gelu: { readonly [F in GeluForm]: (x: number) => number } = {
  none: (x) => 0.5 * x * (1 + erf(x / Math.SQRT2)),
  tanh: (x) => 0.5 * x * (1 + Math.tanh(Math.sqrt(2 / Math.PI) * (x + 0.044715 * x ** 3))),
}

/** x·Φ(x), Φ the normal distribution's (Hendrycks & Gimpel 2016, https://arxiv.org/abs/1606.08415). */
export const Gelu = defineOp({
  build:
    (emit: Emit<{ approximate: GeluForm }>) =>
    (x: Value, { approximate = 'none' }: { approximate?: GeluForm } = {}) =>
      emit([x], { approximate })[0],
  infer: ([x]) => {
    if (!isFloat(x.dtype)) throw `the operand must be float, got ${x.dtype}`
    return [x]
  },
  run: ([x], { approximate }, context) => {
    const out = context.buffer()
    const from = numbers(x)
    for (let i = 0; i < out.length; i++) out[i] = gelu[approximate](from[i])
    return [context.result(out)]
  },
  onnx: ({ approximate }) => ({ attributes: { approximate } }),
})
