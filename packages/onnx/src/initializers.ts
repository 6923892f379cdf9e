import { type DType, fromNumbers, isStatic, onnxDType, type TensorData, type Value } from '@weft/graph'
import { symbolicWeight } from './errors.ts'
import type { TensorProto } from './schema.ts'

/** Where a weight's bytes lie. */
export interface ExternalLocation {
  /** File, relative to the model's folder. */
  readonly location: string
  /** Bytes from the file's beginning. */
  readonly offset: number
  readonly length: number
}

/** Says that the bytes come from the session. Never opened, but ONNX Runtime insists that the place exists: `.` does in every folder. */
const fromSession = '.'

/** A weight: its type, and where its bytes are. */
export function weightProto(value: Value, at: ExternalLocation | undefined): TensorProto {
  if (!isStatic(value.shape)) throw symbolicWeight(value.name, value.shape)
  const { location, offset, length } = at ?? { location: fromSession, offset: undefined, length: undefined }
  const external_data = [{ key: 'location', value: location }]
  if (offset !== undefined) external_data.push({ key: 'offset', value: `${offset}` }, { key: 'length', value: `${length}` })
  return { name: value.name, data_type: onnxDType[value.dtype], dims: value.shape, external_data, data_location: 1 }
}

/** Constants of a model, each content once. */
export class Initializers {
  readonly protos: TensorProto[] = []
  readonly #names = new Map<string, string>()

  add(name: string, { dtype, shape, data }: TensorData): string {
    const raw_data = new Uint8Array(data.buffer as ArrayBuffer, data.byteOffset, data.byteLength)
    this.protos.push({ name, data_type: onnxDType[dtype], dims: shape, raw_data })
    return name
  }

  int64(values: readonly number[]): string {
    // Nothing in ONNX is longer than this; Infinity means "to the end".
    const finite = values.map((v) => Math.min(v, Number.MAX_SAFE_INTEGER))
    return this.#once(`[${finite}]`, { dtype: 'int64', shape: [values.length], data: fromNumbers('int64', finite) })
  }

  scalar(value: number, dtype: DType): string {
    return this.#once(`${dtype}(${value})`, { dtype, shape: [], data: fromNumbers(dtype, [value]) })
  }

  #once(key: string, tensor: TensorData): string {
    let name = this.#names.get(key)
    if (!name) this.#names.set(key, (name = this.add(key, tensor)))
    return name
  }
}
