import { axisOf, type Shape, sameShape } from '../dim.ts'
import { elementCount, numbers, type TensorData } from '../dtype.ts'
import { defineOp, type Emit, type None } from '../op.ts'
import { around, offsetsOf, stridesOf, take } from '../strides.ts'
import type { Operand, TensorType, Value } from '../value.ts'

/** What to do with an update: put it in place of the old element, or add it. */
export type Scatter = 'none' | 'add'

function checkIndices(x: TensorType | undefined): void {
  if (x?.dtype !== 'int64' && x?.dtype !== 'int32') throw `indices must be int64 or int32, got ${x?.dtype}`
}

const indicesIn = (indices: TensorData, size: number, op: string): Int32Array =>
  Int32Array.from(numbers(indices), (i) => {
    if (i < -size || i >= size) throw new RangeError(`${op}: index ${i} is out of range for an axis of size ${size}.`)
    return i < 0 ? i + size : i
  })

const onnxAxis = ({ axis }: { axis: number }) => ({ attributes: { axis } })

/** Slices along an axis, by index: the shape of `indices` takes the place of that axis. A number picks one and drops the axis. */
export const Gather = defineOp({
  build:
    (emit: Emit<{ axis: number }>) =>
    (x: Value, indices: Operand, axis = 0) =>
      emit([x, emit.index(indices)], { axis: axisOf(axis, x.shape.length) ?? axis })[0],
  infer: ([x, indices], { axis }) => {
    checkIndices(indices)
    if (axisOf(axis, x.shape.length) === undefined) throw `axis ${axis} is out of range for ${x.shape.length} axes`
    return [{ dtype: x.dtype, shape: [...x.shape.slice(0, axis), ...indices.shape, ...x.shape.slice(axis + 1)] }]
  },
  run: ([x, indices], { axis }, context) => {
    const { outer, size, inner } = around(x.shape, axis)
    const at = indicesIn(indices, size, 'Gather')
    const offsets = new Int32Array(outer * at.length * inner)
    let n = 0
    for (let o = 0; o < outer; o++) for (const k of at) for (let i = 0; i < inner; i++) offsets[n++] = (o * size + k) * inner + i
    return [{ dtype: x.dtype, shape: context.outputs[0].shape, data: take(x.data, offsets) }]
  },
  onnx: onnxAxis,
})

/** Offsets in `shape` of the elements that `indices` names along `axis`, position by position. */
function elementOffsets(shape: readonly number[], indices: TensorData, axis: number, op: string): Int32Array {
  const strides = stridesOf(shape)
  const along = strides.map((s, i) => (i === axis ? 0 : s))
  const offsets = offsetsOf(indices.shape, along)
  const at = indicesIn(indices, shape[axis], op)
  for (let i = 0; i < offsets.length; i++) offsets[i] += at[i] * strides[axis]
  return offsets
}

/** `out[i][j] = x[indices[i][j]][j]` for axis 0, and so on: one element per index. */
export const GatherElements = defineOp({
  build: (emit: Emit<{ axis: number }>) => (x: Value, indices: Value, axis: number) => emit([x, indices], { axis: axisOf(axis, x.shape.length) ?? axis })[0],
  infer: ([x, indices], { axis }) => {
    checkIndices(indices)
    if (axisOf(axis, x.shape.length) === undefined) throw `axis ${axis} is out of range for ${x.shape.length} axes`
    if (indices.shape.length !== x.shape.length) throw 'indices need as many axes as the operand'
    return [{ dtype: x.dtype, shape: indices.shape }]
  },
  run: ([x, indices], { axis }, context) => [
    { dtype: x.dtype, shape: context.outputs[0].shape, data: take(x.data, elementOffsets(x.shape, indices, axis, 'GatherElements')) },
  ],
  onnx: onnxAxis,
})

/** A copy of `data` with one element set (or added to) per index along an axis. */
export const ScatterElements = defineOp({
  build:
    (emit: Emit<{ axis: number; reduction: Scatter }>) =>
    (data: Value, indices: Value, updates: Value, { axis, reduction = 'none' }: { axis: number; reduction?: Scatter }) =>
      emit([data, indices, updates], { axis: axisOf(axis, data.shape.length) ?? axis, reduction })[0],
  infer: ([data, indices, updates], { axis }) => {
    checkIndices(indices)
    if (axisOf(axis, data.shape.length) === undefined) throw `axis ${axis} is out of range for ${data.shape.length} axes`
    if (indices.shape.length !== data.shape.length) throw 'indices need as many axes as the operand'
    if (!sameShape(indices.shape, updates.shape)) throw 'updates must have the shape of indices'
    if (data.dtype !== updates.dtype) throw `updates must be ${data.dtype}, got ${updates.dtype}`
    return [data]
  },
  run: ([data, indices, updates], { axis, reduction }, context) => {
    const out = Float64Array.from(numbers(data))
    const values = numbers(updates)
    elementOffsets(data.shape, indices, axis, 'ScatterElements').forEach((at, i) => {
      out[at] = reduction === 'add' ? out[at] + values[i] : values[i]
    })
    return [context.result(out)]
  },
  onnx: ({ axis, reduction }) => ({ attributes: { axis, reduction } }),
})

/** Offset and number of elements of each slice that the last axis of `indices` names by its leading indices. */
function sliceOffsets(shape: readonly number[], indices: TensorData, op: string): { starts: Int32Array; block: number } {
  const at = numbers(indices)
  const depth = indices.shape.at(-1)!
  const strides = stridesOf(shape)
  const starts = new Int32Array(at.length / depth)
  for (let s = 0; s < starts.length; s++) {
    for (let d = 0; d < depth; d++) {
      const [index, size] = [at[s * depth + d], shape[d]]
      if (index < -size || index >= size) throw new RangeError(`${op}: index ${index} is out of range for an axis of size ${size}.`)
      starts[s] += (index < 0 ? index + size : index) * strides[d]
    }
  }
  return { starts, block: elementCount(shape.slice(depth)) }
}

function sliceShape(data: TensorType, indices: TensorType): Shape {
  if (indices?.dtype !== 'int64') throw `indices must be int64, got ${indices?.dtype}`
  const depth = indices.shape.at(-1)
  if (typeof depth !== 'number' || depth < 1 || depth > data.shape.length) throw 'the last axis of indices must be a number of leading axes of the data'
  return [...indices.shape.slice(0, -1), ...data.shape.slice(depth)]
}

/** Slices named by their leading indices: the last axis of `indices` counts into the leading axes of `data`. */
export const GatherND = defineOp({
  build: (emit: Emit<None>) => (data: Value, indices: Value) => emit([data, indices], {})[0],
  infer: ([data, indices]) => [{ dtype: data.dtype, shape: sliceShape(data, indices) }],
  run: ([data, indices], _, context) => {
    const { starts, block } = sliceOffsets(data.shape, indices, 'GatherND')
    const offsets = Int32Array.from({ length: starts.length * block }, (_, i) => starts[Math.floor(i / block)] + (i % block))
    return [{ dtype: data.dtype, shape: context.outputs[0].shape, data: take(data.data, offsets) }]
  },
})

/** A copy of `data` with slices set (or added to), named as in `gatherND`. */
export const ScatterND = defineOp({
  build:
    (emit: Emit<{ reduction: Scatter }>) =>
    (data: Value, indices: Value, updates: Value, { reduction = 'none' }: { reduction?: Scatter } = {}) =>
      emit([data, indices, updates], { reduction })[0],
  infer: ([data, indices, updates]) => {
    const expected = sliceShape(data, indices)
    if (!sameShape(updates.shape, expected)) throw `updates must have shape [${expected}]`
    if (data.dtype !== updates.dtype) throw `updates must be ${data.dtype}, got ${updates.dtype}`
    return [data]
  },
  run: ([data, indices, updates], { reduction }, context) => {
    const out = Float64Array.from(numbers(data))
    const values = numbers(updates)
    const { starts, block } = sliceOffsets(data.shape, indices, 'ScatterND')
    starts.forEach((start, s) => {
      for (let i = 0; i < block; i++) out[start + i] = (reduction === 'add' ? out[start + i] : 0) + values[s * block + i]
    })
    return [context.result(out)]
  },
  onnx: ({ reduction }) => ({ attributes: { reduction } }),
})
