import * as z from 'zod/mini'
import { invalidFile, tensorDtype, truncated } from '../errors.ts'
import { bytesOf, isFloat, sizeOf, type Tensor } from '../tensor.ts'
import { duplicateKey } from './duplicate-key.ts'
import { widenBrain, widenHalf } from './widen.ts'

const itemSizes = { F32: 4, F16: 2, BF16: 2, I64: 8, I32: 4, U8: 1 } as const
export type StoredDtype = keyof typeof itemSizes

/** A tensor as the file has it: little-endian bytes, a view into the file. */
export interface StoredTensor {
  dtype: StoredDtype
  shape: number[]
  bytes: Uint8Array
}

export interface Safetensors {
  metadata: Record<string, string>
  tensors: Record<string, StoredTensor>
}

/** Headers above this are refused before they are parsed. */
export const maxHeaderBytes = 4 * 1024 * 1024

const entrySchema = z.strictObject({
  dtype: z.string(),
  shape: z.array(z.int().check(z.gte(0))).check(z.maxLength(8)),
  data_offsets: z.tuple([z.int().check(z.gte(0)), z.int().check(z.gte(0))]),
})

/**
 * Reads a safetensors file and checks it: the header is valid, no name occurs twice, and the tensors cover the rest of the file
 * without gaps or overlap. Errors 422: `file_truncated`, `file_invalid`.
 */
export function readSafetensors(file: Uint8Array): Safetensors {
  if (file.length < 8) throw truncated(8, file.length)
  const headerLength = Number(new DataView(file.buffer, file.byteOffset, 8).getBigUint64(0, true))
  if (headerLength > maxHeaderBytes) throw invalidFile(`its header claims ${headerLength} bytes; at most ${maxHeaderBytes} are read`)
  if (headerLength < 2) throw invalidFile('its header is empty')
  if (8 + headerLength > file.length) throw truncated(8 + headerLength, file.length)
  const header = parseHeader(file.subarray(8, 8 + headerLength))
  const data = file.subarray(8 + headerLength)

  const { __metadata__: metadata = {}, ...entries } = header
  const parsedMetadata = z.record(z.string(), z.string()).safeParse(metadata)
  if (!parsedMetadata.success) throw invalidFile('its __metadata__ must map strings to strings')
  const tensors: Record<string, StoredTensor> = Object.create(null)
  const spans: { name: string; start: number; end: number }[] = []
  for (const [name, value] of Object.entries(entries)) {
    const entry = entrySchema.safeParse(value)
    if (!entry.success) throw invalidFile(`the entry of ${JSON.stringify(name)} needs dtype, shape and data_offsets`)
    const {
      dtype,
      shape,
      data_offsets: [start, end],
    } = entry.data
    if (!Object.hasOwn(itemSizes, dtype)) throw tensorDtype(`"${name}"`, Object.keys(itemSizes).join(', '), dtype)
    const size = sizeOf(shape) * itemSizes[dtype as StoredDtype]
    if (end - start !== size)
      throw invalidFile(`"${name}" is ${dtype} [${shape.join(', ')}], which takes ${size} bytes; its offsets ${start}–${end} give ${end - start}`)
    spans.push({ name, start, end })
    tensors[name] = { dtype: dtype as StoredDtype, shape, bytes: data.subarray(start, end) }
  }
  checkTiling(spans, data.length, 8 + headerLength)
  return { metadata: parsedMetadata.data, tensors: { ...tensors } }
}

function parseHeader(bytes: Uint8Array): Record<string, unknown> {
  let text: string
  let header: unknown
  try {
    text = new TextDecoder('utf-8', { fatal: true, ignoreBOM: false }).decode(bytes)
    header = JSON.parse(text)
  } catch {
    throw invalidFile('its header is not JSON')
  }
  if (header === null || typeof header !== 'object' || Array.isArray(header)) throw invalidFile('its header is not a JSON object')
  const twice = duplicateKey(text)
  if (twice !== undefined) throw invalidFile(`its header names ${JSON.stringify(twice)} twice`)
  return header as Record<string, unknown>
}

function checkTiling(spans: { name: string; start: number; end: number }[], available: number, headerEnd: number): void {
  spans.sort((a, b) => a.start - b.start || a.end - b.end)
  let at = 0
  for (const { name, start, end } of spans) {
    if (start !== at) throw invalidFile(`"${name}" starts at ${start}, ${start < at ? 'inside another tensor' : 'after a hole'}; expected ${at}`)
    at = end
  }
  if (at > available) throw truncated(headerEnd + at, headerEnd + available)
  if (at < available) throw invalidFile(`${available - at} bytes follow the last tensor`)
}

/** Values as float32: half precisions are widened. Error 422 `tensor_dtype` for integers. */
export function toFloat32({ dtype, bytes }: StoredTensor, name = 'tensor'): Float32Array {
  if (dtype === 'F32') return new Float32Array(aligned(bytes))
  if (dtype === 'F16') return widenHalf(new Uint16Array(aligned(bytes)))
  if (dtype === 'BF16') return widenBrain(new Uint16Array(aligned(bytes)))
  throw tensorDtype(`"${name}"`, 'a float type', dtype)
}

/** Values of an integer tensor as numbers. */
export function toIntegers({ dtype, bytes }: StoredTensor, name = 'tensor'): number[] {
  if (dtype === 'I64') return Array.from(new BigInt64Array(aligned(bytes)), Number)
  if (dtype === 'I32') return Array.from(new Int32Array(aligned(bytes)))
  if (dtype === 'U8') return Array.from(bytes)
  throw tensorDtype(`"${name}"`, 'an integer type', dtype)
}

/** A stored tensor as a `Tensor`: floats are widened to float32, bytes stay as they are. */
export const toTensor = (stored: StoredTensor, name = 'tensor'): Tensor =>
  stored.dtype === 'U8' ? { shape: stored.shape, data: new Uint8Array(stored.bytes) } : { shape: stored.shape, data: toFloat32(stored, name) }

// Copied, since typed arrays need alignment, and a view would keep the whole upload in memory.
// Not slice(), which on a Node Buffer gives a view.
const aligned = (bytes: Uint8Array): ArrayBuffer => new Uint8Array(bytes).buffer

/**
 * Writes tensors as safetensors, float32 as F32 and bytes as U8. Names are sorted and the data begins on 8 bytes, so the
 * same tensors give the same file.
 */
export function writeSafetensors(tensors: Readonly<Record<string, Tensor>>, metadata: Readonly<Record<string, string>> = {}): Uint8Array<ArrayBuffer> {
  // Float tensors come first, so that every tensor is aligned for readers that map the file into memory.
  const names = Object.keys(tensors).sort((a, b) => Number(isFloat(tensors[b])) - Number(isFloat(tensors[a])) || (a < b ? -1 : 1))
  const header: Record<string, unknown> = Object.keys(metadata).length ? { __metadata__: metadata } : {}
  let at = 0
  for (const name of names) {
    const { shape, data } = tensors[name]
    header[name] = { dtype: isFloat(tensors[name]) ? 'F32' : 'U8', shape, data_offsets: [at, at + data.byteLength] }
    at += data.byteLength
  }
  const json = new TextEncoder().encode(JSON.stringify(header))
  const headerLength = Math.ceil(json.length / 8) * 8
  const file = new Uint8Array(8 + headerLength + at)
  new DataView(file.buffer).setBigUint64(0, BigInt(headerLength), true)
  file.fill(32, 8, 8 + headerLength)
  file.set(json, 8)
  let offset = 8 + headerLength
  for (const name of names) {
    file.set(bytesOf(tensors[name]), offset)
    offset += tensors[name].data.byteLength
  }
  return file
}
