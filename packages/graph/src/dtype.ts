import { fromBfloat16, toBfloat16 } from './bfloat16.ts'

/** Element types, named as ONNX's `TensorProto.DataType`, in lower case. */
export type DType = 'float32' | 'float16' | 'bfloat16' | 'int32' | 'int64' | 'uint8' | 'int8' | 'bool'

/** What holds elements; a bfloat16 as its bits, in `Uint16Array`. `Float64Array` appears only inside a double-precision interpretation. */
export type TypedArray = Float32Array | Float16Array | Uint16Array | Float64Array | Int32Array | BigInt64Array | Uint8Array | Int8Array

/** Concrete numbers with a concrete shape, row-major. */
export interface TensorData {
  readonly dtype: DType
  readonly shape: readonly number[]
  readonly data: TypedArray
}

/** Bytes per element. */
export const byteSize: Record<DType, number> = { float32: 4, float16: 2, bfloat16: 2, int32: 4, int64: 8, uint8: 1, int8: 1, bool: 1 }

/** ONNX's numbers for element types. */
export const onnxDType: Record<DType, number> = { float32: 1, uint8: 2, int8: 3, int32: 6, int64: 7, bool: 9, float16: 10, bfloat16: 16 }

/** Number of elements of a concrete shape; 1 for a scalar. */
export const elementCount = (shape: readonly number[]): number => shape.reduce((n, d) => n * d, 1)

/** A zeroed array for `length` elements of `dtype`. */
export function allocate(dtype: DType, length: number): TypedArray {
  switch (dtype) {
    case 'float32':
      return new Float32Array(length)
    case 'float16':
      return new Float16Array(length)
    case 'bfloat16':
      return new Uint16Array(length)
    case 'int8':
      return new Int8Array(length)
    case 'int32':
      return new Int32Array(length)
    case 'int64':
      return new BigInt64Array(length)
    case 'uint8':
    case 'bool':
      return new Uint8Array(length)
  }
}

/** Numbers rounded to a dtype; integers are truncated. */
export function fromNumbers(dtype: DType, values: ArrayLike<number>): TypedArray {
  switch (dtype) {
    case 'float32':
      return Float32Array.from(values)
    case 'float16':
      return Float16Array.from(values)
    case 'bfloat16':
      return Uint16Array.from(values, toBfloat16)
    case 'int8':
      return Int8Array.from(values)
    case 'int32':
      return Int32Array.from(values)
    case 'int64':
      return BigInt64Array.from(Array.from(values, (x) => BigInt(Math.trunc(x))))
    case 'uint8':
    case 'bool':
      return Uint8Array.from(values)
  }
}

/** The dtype that a typed array means when none is named: `Uint8Array` is `uint8`, never `bool`; `Uint16Array` is bfloat16's bits. */
export function dtypeOf(data: TypedArray): DType {
  if (data instanceof Float32Array || data instanceof Float64Array) return 'float32'
  if (data instanceof Int32Array) return 'int32'
  if (data instanceof BigInt64Array) return 'int64'
  if (data instanceof Uint8Array) return 'uint8'
  if (data instanceof Int8Array) return 'int8'
  if (data instanceof Uint16Array) return 'bfloat16'
  return 'float16'
}

/** True for the dtypes that carry gradients. */
export const isFloat = (dtype: DType): boolean => dtype === 'float32' || dtype === 'float16' || dtype === 'bfloat16'

/** Makes a tensor from any list of numbers. */
export function tensor(dtype: DType, shape: readonly number[], values: ArrayLike<number>): TensorData {
  return { dtype, shape, data: fromNumbers(dtype, values) }
}

/** The elements as plain numbers (int64 included), without a copy where the array already holds numbers. */
export function numbers(value: TensorData): ArrayLike<number> {
  if (value.data instanceof Uint16Array) return Float64Array.from(value.data, fromBfloat16)
  if (!(value.data instanceof BigInt64Array)) return value.data
  return Float64Array.from(value.data, Number)
}
