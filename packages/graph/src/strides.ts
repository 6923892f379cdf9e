import { elementCount, type TypedArray } from './dtype.ts'

/** Row-major strides, in elements. */
export function stridesOf(shape: readonly number[]): number[] {
  const strides = new Array<number>(shape.length)
  let step = 1
  for (let i = shape.length - 1; i >= 0; i--) {
    strides[i] = step
    step *= shape[i]
  }
  return strides
}

/** Strides that read `from` as if it had shape `to`: 0 where it is broadcast. */
export function broadcastStrides(from: readonly number[], to: readonly number[]): number[] {
  const own = stridesOf(from)
  const lead = to.length - from.length
  return to.map((_, i) => (i < lead || from[i - lead] === 1 ? 0 : own[i - lead]))
}

/**
 * Offsets of a strided view over `shape`, in row-major order: `offsets[i]` is where element i lives.
 */
export function offsetsOf(shape: readonly number[], strides: readonly number[], start = 0): Int32Array {
  const count = elementCount(shape)
  const offsets = new Int32Array(count)
  const rank = shape.length
  const position = new Int32Array(rank)
  let offset = start
  for (let i = 0; i < count; i++) {
    offsets[i] = offset
    for (let axis = rank - 1; axis >= 0; axis--) {
      offset += strides[axis]
      if (++position[axis] < shape[axis]) break
      offset -= strides[axis] * shape[axis]
      position[axis] = 0
    }
  }
  return offsets
}

/** Sizes before, at and after an axis: the loops `for outer, for axis, for inner`. */
export function around(shape: readonly number[], axis: number): { outer: number; size: number; inner: number } {
  return { outer: elementCount(shape.slice(0, axis)), size: shape[axis], inner: elementCount(shape.slice(axis + 1)) }
}

/** Elements at offsets, of the same kind. */
export function take(data: TypedArray, offsets: ArrayLike<number>): TypedArray {
  const from = data as Float64Array
  const result = new (from.constructor as Float64ArrayConstructor)(offsets.length)
  for (let i = 0; i < offsets.length; i++) result[i] = from[offsets[i]]
  return result
}
