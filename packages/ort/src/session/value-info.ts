import type { Pointer } from '../native/api.ts'
import { koffi } from '../native/koffi.ts'
import { type Native, receive, receiveNumber } from '../native/native.ts'
import { type DType, dtypeName } from '../tensor/dtype.ts'

/** An input or output as the model declares it. */
export interface ValueInfo {
  name: string
  dtype: DType | `onnx${number}`
  /** Sizes; a string is a symbolic one, `?` one without a name. */
  shape: (number | string)[]
}

type Side = 'Input' | 'Output'

export function readValueInfos(native: Native, session: Pointer, side: Side): ValueInfo[] {
  const count = receiveNumber((out) => native.api[`SessionGet${side}Count`](session, out))
  return Array.from({ length: count }, (_, index) => readValueInfo(native, session, side, index))
}

function readValueInfo({ api, strings }: Native, session: Pointer, side: Side, index: number): ValueInfo {
  const text = receive((out) => api[`SessionGet${side}Name`](session, index, strings, out))
  const name = koffi.decode.string(text)
  api.AllocatorFree(strings, text)
  const type = receive((out) => api[`SessionGet${side}TypeInfo`](session, index, out))
  try {
    const tensor = receive((out) => api.CastTypeInfoToTensorInfo(type, out)) as Pointer | null
    if (tensor === null) return { name, dtype: 'onnx0', shape: [] }
    const dtype = dtypeName(receiveNumber((out) => api.GetTensorElementType(tensor, out)))
    const rank = receiveNumber((out) => api.GetDimensionsCount(tensor, out))
    const sizes = new BigInt64Array(rank)
    const symbols = new BigUint64Array(rank)
    if (rank > 0) {
      api.GetDimensions(tensor, sizes, rank)
      api.GetSymbolicDimensions(tensor, symbols, rank)
    }
    const shape = Array.from(sizes, (size, axis) => (size >= 0n ? Number(size) : koffi.decode.string(symbols[axis]!) || '?'))
    return { name, dtype, shape }
  } finally {
    api.ReleaseTypeInfo(type)
  }
}
