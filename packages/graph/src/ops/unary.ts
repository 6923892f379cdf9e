import { type DType, isFloat, numbers, onnxDType, type TensorData } from '../dtype.ts'
import { erf } from '../erf.ts'
import { defineOp, type Emit, type None, type OpRecord, type RunContext } from '../op.ts'
import type { Value } from '../value.ts'

function runUnary(f: (x: number) => number) {
  return ([x]: readonly TensorData[], _: unknown, context: RunContext): TensorData[] => {
    const out = context.buffer()
    const from = numbers(x)
    for (let i = 0; i < out.length; i++) out[i] = f(from[i])
    return [context.result(out)]
  }
}

const build = (emit: Emit<None>) => (x: Value) => emit([x], {})[0]

/** Of each element of a float tensor; the shape stays. */
const smooth = (f: (x: number) => number) =>
  defineOp({
    build,
    infer: ([x]) => {
      if (!isFloat(x.dtype)) throw `the operand must be float, got ${x.dtype}`
      return [x]
    },
    run: runUnary(f),
  })

export const Neg = defineOp({ build, infer: ([x]) => [x], run: runUnary((x) => -x) })
export const Abs = defineOp({ build, infer: ([x]) => [x], run: runUnary(Math.abs) })
export const Exp = smooth(Math.exp)
export const Log = smooth(Math.log)
export const Sqrt = smooth(Math.sqrt)
export const Reciprocal = smooth((x) => 1 / x)
export const Tanh = smooth(Math.tanh)
export const Sigmoid = smooth((x) => 1 / (1 + Math.exp(-x)))
export const Erf = smooth(erf)
export const Relu = smooth((x) => Math.max(x, 0))
export const Sin = smooth(Math.sin)
export const Cos = smooth(Math.cos)

/** x · sigmoid(x) (Elfwing et al. 2018, https://arxiv.org/abs/1702.03118): the gate of SwiGLU. A composite, for its gradient's sake. */
export const Silu: OpRecord<None, (x: Value) => Value> = {
  ...smooth((x) => x / (1 + Math.exp(-x))),
  lower: (g, [x]) => (x ? [g.mul(x, g.sigmoid(x))] : []),
}

/** x, to which no gradient flows back: a factor that counts as a constant where it stands. */
export const StopGradient: OpRecord<None, (x: Value) => Value> = {
  ...smooth((x) => x),
  lower: (g, [x]) => (x ? [g.identity(x)] : []),
}

export const Not = defineOp({
  build,
  infer: ([x]) => {
    if (x.dtype !== 'bool') throw `the operand must be bool, got ${x.dtype}`
    return [x]
  },
  run: runUnary((x) => (x ? 0 : 1)),
})

/** Floats are truncated toward zero on the way to integers; anything but 0 is true. */
export const Cast = defineOp({
  build: (emit: Emit<{ to: DType }>) => (x: Value, to: DType) => (x.dtype === to ? x : emit([x], { to })[0]),
  infer: ([x], { to }) => [{ dtype: to, shape: x.shape }],
  run: (inputs, { to }, context) => runUnary(isFloat(to) ? (x) => x : to === 'bool' ? (x) => (x === 0 ? 0 : 1) : Math.trunc)(inputs, {}, context),
  onnx: ({ to }) => ({ attributes: { to: onnxDType[to] } }),
})
