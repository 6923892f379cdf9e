import { float16Unsupported, unknownDtype } from '../errors.ts'

export type DType = 'float32' | 'uint8' | 'int8' | 'uint16' | 'int16' | 'int32' | 'int64' | 'bool' | 'float16' | 'float64' | 'uint32' | 'uint64' | 'bfloat16'

/** What `tensor.data` is. There is no bfloat16 array in JavaScript: its bits come as Uint16Array. */
export interface ArrayOf {
  float32: Float32Array
  float64: Float64Array
  float16: Float16Array
  bfloat16: Uint16Array
  int8: Int8Array
  int16: Int16Array
  int32: Int32Array
  int64: BigInt64Array
  uint8: Uint8Array
  uint16: Uint16Array
  uint32: Uint32Array
  uint64: BigUint64Array
  bool: Uint8Array
}
export type TypedArray = ArrayOf[DType]

type Constructor<D extends DType> = {
  new (buffer: ArrayBufferLike, byteOffset: number, length: number): ArrayOf[D]
  readonly BYTES_PER_ELEMENT: number
  readonly name: string
}

/** `code` is ONNX's TensorProto.DataType, which ONNX Runtime shares. */
const types: { readonly [D in DType]: { readonly code: number; readonly array: Constructor<D> } } = {
  float32: { code: 1, array: Float32Array },
  uint8: { code: 2, array: Uint8Array },
  int8: { code: 3, array: Int8Array },
  uint16: { code: 4, array: Uint16Array },
  int16: { code: 5, array: Int16Array },
  int32: { code: 6, array: Int32Array },
  int64: { code: 7, array: BigInt64Array },
  bool: { code: 9, array: Uint8Array },
  float16: {
    code: 10,
    // Looked up when it is used: Node 22 has none, and computes in every other type.
    get array() {
      if (!('Float16Array' in globalThis)) throw float16Unsupported()
      return Float16Array
    },
  },
  float64: { code: 11, array: Float64Array },
  uint32: { code: 12, array: Uint32Array },
  uint64: { code: 13, array: BigUint64Array },
  bfloat16: { code: 16, array: Uint16Array },
}

/** @throws OrtError `unknown_dtype` */
export function dtypeInfo<D extends DType>(dtype: D): { code: number; array: Constructor<D> } {
  const info = Object.hasOwn(types, dtype) ? types[dtype] : undefined
  if (!info) throw unknownDtype(dtype, Object.keys(types))
  return info
}

/** The name of an ONNX element type; those without a typed array (strings, 4-bit, 8-bit floats) come as `onnx<code>`. */
export const dtypeName = (code: number): DType | `onnx${number}` => (Object.keys(types) as DType[]).find((dtype) => types[dtype].code === code) ?? `onnx${code}`
