import { gitLfsPointer, invalidFile, tensorDtype, truncated } from '../errors.ts'
import { bytesOf, type FloatTensor, isFloat, type Tensor } from '../tensor.ts'
import { narrowHalf } from './narrow.ts'
import { type HeaderFaults, headerLength, parseSafetensorsHeader } from './safetensors-header.ts'
import { widenBrain, widenHalf } from './widen.ts'

const storedDtypes = ['F32', 'F16', 'BF16', 'I64', 'I32', 'U8'] as const
type StoredDtype = (typeof storedDtypes)[number]

const isStored = (dtype: string): dtype is StoredDtype => (storedDtypes as readonly string[]).includes(dtype)

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

const faults: HeaderFaults = { invalid: invalidFile, truncated, gitLfsPointer }

/**
 * Reads a safetensors file and checks it: the header is valid, no name occurs twice, and the tensors cover the rest of the file
 * without gaps or overlap. Errors 422: `file_truncated`, `file_invalid`, `git_lfs_pointer`, `tensor_dtype`.
 */
export function readSafetensors(file: Uint8Array): Safetensors {
  const length = headerLength(file, file.length, maxHeaderBytes, faults)
  const data = file.subarray(8 + length)
  const { metadata, entries } = parseSafetensorsHeader(file.subarray(8, 8 + length), data.length, faults)
  const tensors: Record<string, StoredTensor> = Object.create(null)
  for (const [name, { dtype, shape, start, end }] of entries) {
    if (!isStored(dtype)) throw tensorDtype(`"${name}"`, storedDtypes.join(', '), dtype)
    tensors[name] = { dtype, shape, bytes: data.subarray(start, end) }
  }
  return { metadata, tensors: { ...tensors } }
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

/** How floats are stored. */
export interface StoredFloats {
  /** `F16` rounds to the nearest half precision number. Default `F32`. */
  floats?: 'F32' | 'F16'
}

/**
 * Writes tensors as safetensors, floats as F32 or F16 and bytes as U8. Names are sorted and the data begins on 8 bytes, so the
 * same tensors give the same file.
 */
export function writeSafetensors(
  tensors: Readonly<Record<string, Tensor>>,
  metadata: Readonly<Record<string, string>> = {},
  { floats = 'F32' }: StoredFloats = {},
): Uint8Array<ArrayBuffer> {
  // Float tensors come first, so that every tensor is aligned for readers that map the file into memory.
  const names = Object.keys(tensors).sort((a, b) => Number(isFloat(tensors[b])) - Number(isFloat(tensors[a])) || (a < b ? -1 : 1))
  const header: Record<string, unknown> = Object.keys(metadata).length ? { __metadata__: metadata } : {}
  const stored: Uint8Array[] = []
  let at = 0
  for (const name of names) {
    const tensor = tensors[name]
    const bytes = floats === 'F16' && isFloat(tensor) ? halves(tensor) : bytesOf(tensor)
    header[name] = { dtype: isFloat(tensor) ? floats : 'U8', shape: tensor.shape, data_offsets: [at, at + bytes.length] }
    stored.push(bytes)
    at += bytes.length
  }
  const json = new TextEncoder().encode(JSON.stringify(header))
  const headerLength = Math.ceil(json.length / 8) * 8
  const file = new Uint8Array(8 + headerLength + at)
  new DataView(file.buffer).setBigUint64(0, BigInt(headerLength), true)
  file.fill(32, 8, 8 + headerLength)
  file.set(json, 8)
  let offset = 8 + headerLength
  for (const bytes of stored) {
    file.set(bytes, offset)
    offset += bytes.length
  }
  return file
}

const halves = ({ data }: FloatTensor): Uint8Array => new Uint8Array(narrowHalf(data).buffer)
