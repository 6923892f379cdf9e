import { sameShape } from '../dim.ts'
import { numbers } from '../dtype.ts'
import type { None, OpRecord } from '../op.ts'
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
