import { addDims, axisOf, broadcast, canonicalDim, type Dim, divDims, type Shape, sameShape, sizeOf, subDims } from '../dim.ts'
import { elementCount, numbers, type TensorData } from '../dtype.ts'
import { defineOp, type Emit, type RunContext } from '../op.ts'
import { around, broadcastStrides, offsetsOf, stridesOf, take } from '../strides.ts'
import type { TensorType, Value } from '../value.ts'

const view = (x: TensorData, context: RunContext, offsets: ArrayLike<number>): TensorData[] => [
  { dtype: x.dtype, shape: context.outputs[0].shape, data: take(x.data, offsets) },
]

/** Replaces the one -1 of a target shape by what is left over. */
function resolveShape(from: Shape, target: Shape): Shape {
  const open = target.indexOf(-1)
  if (open < 0) return target
  const rest = divDims(sizeOf(from), sizeOf(target.filter((_, i) => i !== open)))
  if (rest === undefined || rest === -1) throw `-1 cannot be worked out for [${target}]`
  return target.map((d, i) => (i === open ? rest : d))
}

/** The same elements, in order, under another shape. One size may be -1. */
export const Reshape = defineOp({
  build: (emit: Emit<{ shape: Shape }>) => (x: Value, target: Shape) => {
    const shape = target.map(canonicalDim)
    return sameShape(x.shape, shape) ? x : emit([x], { shape })[0]
  },
  infer: ([x], { shape: target }) => {
    const shape = resolveShape(x.shape, target)
    const [before, after] = [sizeOf(x.shape), sizeOf(shape)]
    if (before !== after) throw `[${shape}] has ${after} elements, the operand ${before}`
    return [{ dtype: x.dtype, shape }]
  },
  run: ([x], _, context) => [{ ...x, shape: context.outputs[0].shape }],
  // ONNX: 0 keeps the size at the same index, one -1 is worked out. That keeps sizes out of the run wherever it can.
  onnx: ({ shape: target }, [x]) => {
    const shape = resolveShape(x.shape, target)
    const kept = shape.map((d, i) => (typeof d === 'string' && d === x.shape[i] ? 0 : d))
    const open = kept.filter((d) => typeof d === 'string').length
    return { operands: [{ int64: open === 1 ? kept.map((d) => (typeof d === 'string' ? -1 : d)) : kept }] }
  },
})

/** Axes in another order: `perm[i]` is the axis of the operand that becomes axis i. */
export const Transpose = defineOp({
  build: (emit: Emit<{ perm: readonly number[] }>) => (x: Value, perm: readonly number[]) =>
    perm.length === x.shape.length && perm.every((p, i) => p === i) ? x : emit([x], { perm })[0],
  infer: ([x], { perm }) => {
    if (perm.length !== x.shape.length || new Set(perm).size !== perm.length || perm.some((p) => x.shape[p] === undefined)) {
      throw `[${perm}] is not an order of ${x.shape.length} axes`
    }
    return [{ dtype: x.dtype, shape: perm.map((p) => x.shape[p]) }]
  },
  run: ([x], { perm }, context) => {
    const strides = stridesOf(x.shape)
    return view(
      x,
      context,
      offsetsOf(
        context.outputs[0].shape,
        perm.map((p) => strides[p]),
      ),
    )
  },
  onnx: ({ perm }) => ({ attributes: { perm } }),
})

/** One after another along an axis. Symbolic sizes add up: `P`, `T` → `P+T`. */
export const Concat = defineOp({
  build: (emit: Emit<{ axis: number }>) => (values: readonly Value[], axis: number) =>
    values.length === 1 ? values[0] : emit(values, { axis: axisOf(axis, values[0]?.shape.length ?? 0) ?? axis })[0],
  infer: (inputs, { axis }) => {
    if (inputs.length === 0) throw 'there is nothing to put together'
    const [first] = inputs
    if (axisOf(axis, first.shape.length) === undefined) throw `axis ${axis} is out of range for ${first.shape.length} axes`
    for (const { dtype, shape } of inputs) {
      if (dtype !== first.dtype) throw `operands must have one dtype, got ${first.dtype} and ${dtype}`
      if (shape.length !== first.shape.length || shape.some((d, i) => i !== axis && d !== first.shape[i])) throw `sizes differ outside axis ${axis}`
    }
    return [{ dtype: first.dtype, shape: first.shape.map((d, i) => (i === axis ? inputs.map((x) => x.shape[i]).reduce(addDims) : d)) }]
  },
  run: (inputs, { axis }, context) => {
    const { shape } = context.outputs[0]
    const { outer, size, inner } = around(shape, axis)
    const out = context.buffer()
    let start = 0
    for (const x of inputs) {
      const from = numbers(x)
      const block = x.shape[axis] * inner
      for (let o = 0; o < outer; o++) for (let i = 0; i < block; i++) out[(o * size + start) * inner + i] = from[o * block + i]
      start += x.shape[axis]
    }
    return [context.result(out)]
  },
  onnx: ({ axis }) => ({ attributes: { axis } }),
})

/** Consecutive parts along an axis; `sizes` add up to it. */
export const Split = defineOp({
  build: (emit: Emit<{ sizes: readonly number[]; axis: number }>) => (x: Value, sizes: readonly number[], axis: number) =>
    emit([x], { sizes, axis: axisOf(axis, x.shape.length) ?? axis }),
  infer: ([x], { sizes, axis }) => {
    if (axisOf(axis, x.shape.length) === undefined) throw `axis ${axis} is out of range for ${x.shape.length} axes`
    const total = sizes.reduce((a, b) => a + b, 0)
    if (total !== x.shape[axis]) throw `sizes [${sizes}] add up to ${total}, axis ${axis} has ${x.shape[axis]}`
    return sizes.map((n) => ({ dtype: x.dtype, shape: x.shape.map((d, i) => (i === axis ? n : d)) }))
  },
  run: ([x], { sizes, axis }, context) => {
    const strides = stridesOf(x.shape)
    let start = 0
    return sizes.map((n, i) => {
      const { shape } = context.outputs[i]
      const data = take(x.data, offsetsOf(shape, strides, start * strides[axis]))
      start += n
      return { dtype: x.dtype, shape, data }
    })
  },
  onnx: ({ sizes, axis }) => ({ attributes: { axis }, operands: [{ int64: sizes }] }),
})

export interface SliceOptions {
  /** First index per axis; negative ones count from the end. Sizes may be symbolic. */
  starts: readonly Dim[]
  /** One past the last index per axis; `Infinity` is the end. */
  ends: readonly Dim[]
  axes: readonly number[]
}
type SliceAttributes = { starts: readonly Dim[]; ends: readonly Dim[]; axes: readonly number[] }

/** Consecutive indices along some axes. */
export const Slice = defineOp({
  build:
    (emit: Emit<SliceAttributes>) =>
    (x: Value, { starts, ends, axes }: SliceOptions) => {
      const at = axes.map((a) => axisOf(a, x.shape.length) ?? a)
      const place = (d: Dim, i: number): Dim => {
        const size = x.shape[at[i]]
        if (size === undefined || typeof d === 'string') return canonicalDim(d)
        if (d < 0) return addDims(size, d)
        return typeof size === 'number' ? Math.min(d, size) : d === Infinity ? size : d
      }
      const [from, to] = [starts.map(place), ends.map(place)]
      if (at.every((a, i) => from[i] === 0 && to[i] === x.shape[a])) return x
      return emit([x], { starts: from, ends: to, axes: at })[0]
    },
  infer: ([x], { starts, ends, axes }) => {
    if (starts.length !== axes.length || ends.length !== axes.length) throw 'starts, ends and axes must have one entry per axis'
    const shape = [...x.shape]
    axes.forEach((axis, i) => {
      if (axisOf(axis, shape.length) === undefined) throw `axis ${axis} is out of range for ${shape.length} axes`
      const size = subDims(ends[i], starts[i])
      if (typeof size === 'number' && size < 0) throw `axis ${axis} runs from ${starts[i]} to ${ends[i]}`
      shape[axis] = size
    })
    return [{ dtype: x.dtype, shape }]
  },
  run: ([x], { starts, axes }, context) => {
    const strides = stridesOf(x.shape)
    const start = axes.reduce((sum, axis, i) => sum + context.dim(starts[i]) * strides[axis], 0)
    return view(x, context, offsetsOf(context.outputs[0].shape, strides, start))
  },
  onnx: ({ starts, ends, axes }) => ({ operands: [{ int64: starts }, { int64: ends }, { int64: axes }] }),
})

/** Repeats axes of size 1 (and adds leading ones) up to a shape. */
export const Expand = defineOp({
  build: (emit: Emit<{ shape: Shape }>) => (x: Value, target: Shape) => {
    const shape = target.map(canonicalDim)
    return sameShape(x.shape, shape) ? x : emit([x], { shape })[0]
  },
  infer: ([x], { shape }) => {
    const result = broadcast(x.shape, shape)
    if (!result || !sameShape(result, shape)) throw `the operand does not expand to [${shape}]`
    return [{ dtype: x.dtype, shape }]
  },
  run: ([x], _, context) => {
    const { shape } = context.outputs[0]
    return view(x, context, offsetsOf(shape, broadcastStrides(x.shape, shape)))
  },
  // A target of 1 leaves the operand's own size, so a symbol that it already has need not be computed.
  onnx: ({ shape }, [x]) => {
    const lead = shape.length - x.shape.length
    return { operands: [{ int64: shape.map((d, i) => (d === x.shape[i - lead] ? 1 : d)) }] }
  },
})

export interface PadOptions {
  /** Elements to add before each axis, then after each axis: `[before0, before1, after0, after1]`. */
  pads: readonly number[]
  /** What to add; 0 unless said. */
  value?: number
}

/** Constant borders. */
export const Pad = defineOp({
  build:
    (emit: Emit<{ pads: readonly number[]; value: number }>) =>
    (x: Value, { pads, value = 0 }: PadOptions) =>
      pads.every((p) => p === 0) ? x : emit([x], { pads, value })[0],
  infer: ([x], { pads }) => {
    const rank = x.shape.length
    if (pads.length !== 2 * rank || pads.some((p) => p < 0)) throw `pads needs ${2 * rank} non-negative numbers, got [${pads}]`
    return [{ dtype: x.dtype, shape: x.shape.map((d, i) => addDims(d, pads[i] + pads[rank + i])) }]
  },
  run: ([x], { pads, value }, context) => {
    const out = context.buffer().fill(value)
    const strides = stridesOf(context.outputs[0].shape)
    const start = x.shape.reduce((sum, _, i) => sum + pads[i] * strides[i], 0)
    const to = offsetsOf(x.shape, strides, start)
    const from = numbers(x)
    for (let i = 0; i < elementCount(x.shape); i++) out[to[i]] = from[i]
    return [context.result(out)]
  },
  onnx: ({ pads, value }, [x]: readonly TensorType[]) => ({ operands: [{ int64: pads }, { scalar: value, dtype: x.dtype }] }),
})
