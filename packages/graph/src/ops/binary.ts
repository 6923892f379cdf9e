import { broadcast } from '../dim.ts'
import { numbers, type TensorData } from '../dtype.ts'
import { defineOp, type Emit, type None, type RunContext } from '../op.ts'
import { broadcastStrides, offsetsOf } from '../strides.ts'
import type { Operand, TensorType } from '../value.ts'

const build = (emit: Emit<None>) => (a: Operand, b: Operand) => emit([a, b], {})[0]

function together([a, b]: readonly TensorType[]): TensorType['shape'] {
  if (a.dtype !== b.dtype) throw `operands must have one dtype, got ${a.dtype} and ${b.dtype}; cast one of them`
  const shape = broadcast(a.shape, b.shape)
  if (!shape) throw 'shapes do not broadcast'
  return shape
}

function runBinary(f: (a: number, b: number) => number) {
  return ([a, b]: readonly TensorData[], _: None, context: RunContext): TensorData[] => {
    const out = context.buffer()
    const { shape } = context.outputs[0]
    const x = numbers(a)
    const y = numbers(b)
    if (a.data.length === out.length && b.data.length === out.length) {
      for (let i = 0; i < out.length; i++) out[i] = f(x[i], y[i])
    } else {
      const ofA = offsetsOf(shape, broadcastStrides(a.shape, shape))
      const ofB = offsetsOf(shape, broadcastStrides(b.shape, shape))
      for (let i = 0; i < out.length; i++) out[i] = f(x[ofA[i]], y[ofB[i]])
    }
    return [context.result(out)]
  }
}

/** Element by element, of one dtype; shapes broadcast as ONNX's and NumPy's do. */
const arithmetic = (f: (a: number, b: number) => number) =>
  defineOp({
    build,
    infer: (inputs) => [{ dtype: inputs[0].dtype, shape: together(inputs) }],
    run: runBinary(f),
  })

/** The same to bool. */
const comparison = (f: (a: number, b: number) => boolean) =>
  defineOp({
    build,
    infer: (inputs) => [{ dtype: 'bool', shape: together(inputs) }],
    run: runBinary((a, b) => (f(a, b) ? 1 : 0)),
  })

/** The same of bools. */
const logical = (f: (a: number, b: number) => number) =>
  defineOp({
    build,
    infer: (inputs) => {
      if (inputs[0].dtype !== 'bool') throw `operands must be bool, got ${inputs[0].dtype}`
      return [{ dtype: 'bool', shape: together(inputs) }]
    },
    run: runBinary(f),
  })

export const Add = arithmetic((a, b) => a + b)
export const Sub = arithmetic((a, b) => a - b)
export const Mul = arithmetic((a, b) => a * b)
export const Div = arithmetic((a, b) => a / b)
export const Pow = arithmetic((a, b) => a ** b)
export const Max = arithmetic((a, b) => Math.max(a, b))
export const Min = arithmetic((a, b) => Math.min(a, b))
export const Equal = comparison((a, b) => a === b)
export const Less = comparison((a, b) => a < b)
export const Greater = comparison((a, b) => a > b)
export const And = logical((a, b) => a & b)
export const Or = logical((a, b) => a | b)
