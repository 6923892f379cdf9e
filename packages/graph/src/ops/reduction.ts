import { axisOf, type Dim } from '../dim.ts'
import { isFloat, numbers, type TensorData } from '../dtype.ts'
import { defineOp, type Emit, type RunContext } from '../op.ts'
import { around, broadcastStrides, offsetsOf } from '../strides.ts'
import type { TensorType, Value } from '../value.ts'

export interface ReduceOptions {
  /** Axes to reduce; negative ones count from the back. All of them unless said. */
  axes?: readonly number[]
  /** Keep reduced axes as size 1. Default true. */
  keepdims?: boolean
}
type ReduceAttributes = { axes: readonly number[]; keepdims: boolean }

function checkedAxis(axis: number, rank: number): number {
  const positive = axisOf(axis, rank)
  if (positive === undefined) throw `axis ${axis} is out of range for ${rank} axes`
  return positive
}

function reducedShape(x: TensorType, axes: readonly number[], keepdims: boolean): Dim[] {
  return x.shape.flatMap((d, i) => (axes.includes(i) ? (keepdims ? [1] : []) : [d]))
}

/** Elements along axes to one: `[…, n, …]` → `[…, 1, …]`, without the axis where it is not kept. */
function reduction(initial: number, f: (total: number, x: number) => number, { mean = false, needsAxes = false } = {}) {
  return defineOp({
    build:
      (emit: Emit<ReduceAttributes>) =>
      (x: Value, { axes, keepdims = true }: ReduceOptions = {}) => {
        const rank = x.shape.length
        const all = axes ?? x.shape.map((_, i) => i)
        return emit([x], { axes: all.map((a) => axisOf(a, rank) ?? a).sort((a, b) => a - b), keepdims })[0]
      },
    infer: ([x], { axes, keepdims }) => {
      if (needsAxes && axes.length === 0) throw 'there is no axis to sum over; multiply the value by itself'
      for (const axis of axes) checkedAxis(axis, x.shape.length)
      return [{ dtype: x.dtype, shape: reducedShape(x, axes, keepdims) }]
    },
    run: ([x], { axes }, context: RunContext): TensorData[] => {
      const kept = x.shape.map((d, i) => (axes.includes(i) ? 1 : d))
      const to = offsetsOf(x.shape, broadcastStrides(kept, x.shape))
      const totals = context.buffer().fill(initial)
      const from = numbers(x)
      for (let i = 0; i < to.length; i++) totals[to[i]] = f(totals[to[i]], from[i])
      if (mean) for (let i = 0, n = to.length / totals.length; i < totals.length; i++) totals[i] /= n
      return [context.result(totals)]
    },
    // With no axes at all ONNX would reduce every axis; that case (a scalar) is asked to do nothing.
    onnx: ({ axes, keepdims }) => ({
      attributes: { keepdims: keepdims ? 1 : 0, noop_with_empty_axes: axes.length ? undefined : 1 },
      operands: [{ int64: axes }],
    }),
  })
}

export const ReduceSum = reduction(0, (total, x) => total + x)
export const ReduceMean = reduction(0, (total, x) => total + x, { mean: true })
// Without an axis, runtimes differ about the square.
export const ReduceSumSquare = reduction(0, (total, x) => total + x * x, { needsAxes: true })
export const ReduceMax = reduction(-Infinity, (total, x) => Math.max(total, x))

/** Index of the largest element along an axis (int64), the first of equals. */
export const ArgMax = defineOp({
  build:
    (emit: Emit<{ axis: number; keepdims: boolean }>) =>
    (x: Value, { axis = -1, keepdims = true }: { axis?: number; keepdims?: boolean } = {}) =>
      emit([x], { axis: axisOf(axis, x.shape.length) ?? axis, keepdims })[0],
  infer: ([x], { axis, keepdims }) => {
    checkedAxis(axis, x.shape.length)
    return [{ dtype: 'int64', shape: reducedShape(x, [axis], keepdims) }]
  },
  run: ([x], { axis }, context) => {
    const out = context.buffer()
    const { outer, size, inner } = around(x.shape, axis)
    const from = numbers(x)
    for (let o = 0; o < outer; o++) {
      for (let i = 0; i < inner; i++) {
        let best = 0
        for (let k = 1; k < size; k++) if (from[(o * size + k) * inner + i] > from[(o * size + best) * inner + i]) best = k
        out[o * inner + i] = best
      }
    }
    return [context.result(out)]
  },
  onnx: ({ axis, keepdims }) => ({ attributes: { axis, keepdims: keepdims ? 1 : 0 } }),
})

/** exp(x) / Σ exp(x) along one axis, the last unless said. */
export const Softmax = defineOp({
  build:
    (emit: Emit<{ axis: number }>) =>
    (x: Value, { axis = -1 }: { axis?: number } = {}) =>
      emit([x], { axis: axisOf(axis, x.shape.length) ?? axis })[0],
  infer: ([x], { axis }) => {
    checkedAxis(axis, x.shape.length)
    if (!isFloat(x.dtype)) throw `the operand must be float, got ${x.dtype}`
    return [x]
  },
  run: ([x], { axis }, context) => {
    const out = context.buffer()
    const { outer, size, inner } = around(x.shape, axis)
    const from = numbers(x)
    const exponentials = new Float64Array(size)
    for (let o = 0; o < outer; o++) {
      for (let i = 0; i < inner; i++) {
        const at = (k: number) => (o * size + k) * inner + i
        let max = -Infinity
        for (let k = 0; k < size; k++) max = Math.max(max, from[at(k)])
        let sum = 0
        for (let k = 0; k < size; k++) sum += exponentials[k] = Math.exp(from[at(k)] - max)
        for (let k = 0; k < size; k++) out[at(k)] = exponentials[k] / sum
      }
    }
    return [context.result(out)]
  },
  onnx: ({ axis }) => ({ attributes: { axis } }),
})
