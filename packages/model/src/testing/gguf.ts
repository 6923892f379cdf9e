import { writeFileSync } from 'node:fs'

/** What a metadata value is written as. */
export type GgufValue = string | number | boolean | { float: number } | string[] | { floats: number[] } | { integers: number[] }

export interface GgufTensor {
  /** ggml's number of the type. */
  type: number
  /** Rows first, as Hugging Face has it; the file has it in reverse. */
  shape: readonly number[]
  bytes: Uint8Array
}

const ALIGNMENT = 32
const TYPE = { uint32: 4, int32: 5, float32: 6, bool: 7, string: 8, array: 9 }

const u32 = (value: number): Buffer => Buffer.from(Uint32Array.of(value).buffer)
const u64 = (value: number): Buffer => Buffer.from(BigUint64Array.of(BigInt(value)).buffer)
const f32 = (value: number): Buffer => Buffer.from(Float32Array.of(value).buffer)
const string = (text: string): Buffer => Buffer.concat([u64(Buffer.byteLength(text)), Buffer.from(text)])
const array = (type: number, items: Buffer[]): Buffer => Buffer.concat([u32(TYPE.array), u32(type), u64(items.length), ...items])

const value = (given: GgufValue): Buffer => {
  if (typeof given === 'string') return Buffer.concat([u32(TYPE.string), string(given)])
  if (typeof given === 'number') return Buffer.concat([u32(TYPE.uint32), u32(given)])
  if (typeof given === 'boolean') return Buffer.concat([u32(TYPE.bool), Buffer.from([given ? 1 : 0])])
  if (Array.isArray(given)) return array(TYPE.string, given.map(string))
  if ('float' in given) return Buffer.concat([u32(TYPE.float32), f32(given.float)])
  if ('floats' in given) return array(TYPE.float32, given.floats.map(f32))
  return array(TYPE.int32, given.integers.map(u32))
}

/** Writes a GGUF of version 3, tensors in the order given. */
export function writeGguf(file: string, metadata: Record<string, GgufValue>, tensors: Record<string, GgufTensor>): string {
  const padded = (bytes: Uint8Array): Buffer => Buffer.concat([bytes, Buffer.alloc((ALIGNMENT - (bytes.length % ALIGNMENT)) % ALIGNMENT)])
  let offset = 0
  const infos = Object.entries(tensors).map(([name, { type, shape, bytes }]) => {
    const info = Buffer.concat([string(name), u32(shape.length), ...[...shape].reverse().map(u64), u32(type), u64(offset)])
    offset += padded(bytes).length
    return info
  })
  const pairs = Object.entries(metadata).map(([key, given]) => Buffer.concat([string(key), value(given)]))
  const head = Buffer.concat([Buffer.from('GGUF'), u32(3), u64(infos.length), u64(pairs.length), ...pairs, ...infos])
  writeFileSync(file, Buffer.concat([padded(head), ...Object.values(tensors).map(({ bytes }) => padded(bytes))]))
  return file
}
