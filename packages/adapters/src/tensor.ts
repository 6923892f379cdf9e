/** Plain tensors: what adapters are stored as and what composing computes on. Row-major, never aliased by a session. */
export interface Tensor {
  shape: number[]
  data: Float32Array | Uint8Array
}

/** A float32 tensor. */
export interface FloatTensor extends Tensor {
  data: Float32Array
}

/** The tensors of one site, by the names the site defines: `{ rows, bias }`. */
export type SiteState = Record<string, Tensor>

/** What a method trains, as stored: its tensors at each site it acts on. */
export type AdapterState = Record<string, SiteState>

/** Number of elements of a shape; 1 for a scalar. */
export const sizeOf = (shape: readonly number[]): number => shape.reduce((size, dim) => size * dim, 1)

export const sameShape = (a: readonly number[], b: readonly number[]): boolean => a.length === b.length && a.every((dim, axis) => dim === b[axis])

/** A float32 tensor over `data`; without data, zeros. */
export function floatTensor(shape: number[], data: Float32Array = new Float32Array(sizeOf(shape))): FloatTensor {
  if (data.length !== sizeOf(shape)) throw new RangeError(`a tensor [${shape}] holds ${sizeOf(shape)} values, got ${data.length}`)
  return { shape, data }
}

/** Data of tensors, one after another. */
export function joined(parts: readonly Float32Array[]): Float32Array<ArrayBuffer> {
  const all = new Float32Array(parts.reduce((size, { length }) => size + length, 0))
  let at = 0
  for (const part of parts) {
    all.set(part, at)
    at += part.length
  }
  return all
}

export function byteTensor(data: Uint8Array): Tensor {
  return { shape: [data.length], data }
}

export const isFloat = (tensor: Tensor): tensor is FloatTensor => tensor.data instanceof Float32Array

/** The bytes of a tensor's values, without copying. */
export const bytesOf = (tensor: Tensor): Uint8Array<ArrayBuffer> =>
  new Uint8Array(tensor.data.buffer as ArrayBuffer, tensor.data.byteOffset, tensor.data.byteLength)

/** Bit-for-bit equality: shapes and bytes (so −0 differs from 0, and NaN equals itself). */
export function identical(a: Tensor, b: Tensor): boolean {
  if (!sameShape(a.shape, b.shape) || a.data.constructor !== b.data.constructor) return false
  const x = bytesOf(a),
    y = bytesOf(b)
  for (let i = 0; i < x.length; i++) if (x[i] !== y[i]) return false
  return true
}
