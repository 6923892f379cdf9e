import { readFileSync } from 'node:fs'
import protobuf from 'protobufjs'
import { type DType, dtypeName } from '../tensor/dtype.ts'

/** A model's bytes, or the path of its file. */
export type Model = Uint8Array | string

/** A weight as the model declares it. */
export interface Initializer {
  name: string
  dtype: DType | `onnx${number}`
  shape: number[]
  /** Where its data lies, relative to the model; undefined when the model holds it. `.` stands for "the session brings it". */
  location: string | undefined
}

/** A weight with this location has no data of its own: it is a place that exists in every folder and is never read. */
export const FROM_SESSION = '.'

type Reader = protobuf.Reader
type Field = (field: number, reader: Reader, wireType: number) => boolean

/** Calls `read` for every field of a message; what it does not take is skipped. */
function walk(reader: Reader, end: number, read: Field) {
  while (reader.pos < end) {
    const tag = reader.uint32()
    if (!read(tag >>> 3, reader, tag & 7)) reader.skipType(tag & 7)
  }
}

/** Enters a nested message. */
function enter(reader: Reader, read: Field): true {
  const length = reader.uint32()
  walk(reader, reader.pos + length, read)
  return true
}

/** Only names, types and places are read (ModelProto.graph.initializer); nothing is copied. A model that is no protobuf gives none. */
export function readInitializers(model: Model): Initializer[] {
  const initializers: Initializer[] = []
  try {
    const bytes = typeof model === 'string' ? readFileSync(model) : model
    walk(
      protobuf.Reader.create(bytes),
      bytes.length,
      (field, reader) =>
        field === 7 &&
        enter(reader, (inGraph) => {
          if (inGraph !== 5) return false
          initializers.push(readInitializer(reader))
          return true
        }),
    )
  } catch {
    // ONNX Runtime says what is wrong with it, in a moment.
  }
  return initializers
}

/** TensorProto: dims 1, data_type 2, name 8, external_data 13 { key 1, value 2 }, data_location 14. */
function readInitializer(reader: Reader): Initializer {
  const shape: number[] = []
  let [name, type, location]: [string, number, string | undefined] = ['', 0, undefined]
  enter(reader, (field, _, wireType) => {
    if (field === 1 && wireType === 2) {
      for (let end = reader.uint32() + reader.pos; reader.pos < end; ) shape.push(Number(reader.int64()))
    } else if (field === 1) shape.push(Number(reader.int64()))
    else if (field === 2) type = reader.int32()
    else if (field === 8) name = reader.string()
    else if (field === 13) {
      const entry = ['', '', '']
      enter(reader, (at) => {
        if (at > 2) return false
        entry[at] = reader.string()
        return true
      })
      if (entry[1] === 'location') location = entry[2]
    } else return false
    return true
  })
  return { name, dtype: dtypeName(type), shape, location }
}
