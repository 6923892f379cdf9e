import { closeSync, fstatSync, openSync, readSync } from 'node:fs'
import { z } from 'zod'
import { invalidCheckpoint, pickledCheckpoint } from '../errors.ts'
import { startsAsPickle } from './pickle.ts'

/** Where a tensor lies in a safetensors file. */
export interface TensorEntry {
  dtype: string
  shape: number[]
  file: string
  /** From the start of the file, in bytes. */
  offset: number
  /** In bytes. */
  length: number
}

const entry = z.object({
  dtype: z.string(),
  shape: z.array(z.int().min(0)),
  data_offsets: z.tuple([z.int().min(0), z.int().min(0)]),
})
const header = z.record(z.string(), z.unknown())

const bytesPerElement: Record<string, number> = { F64: 8, F32: 4, F16: 2, BF16: 2, I64: 8, I32: 4, I16: 2, I8: 1, U8: 1, BOOL: 1 }
const LARGEST_HEADER = 100 * 1024 * 1024 // the format's own limit

/** Reads the header of a safetensors file: nothing of its tensors. Throws `invalid_checkpoint`. */
export function readHeader(file: string): Map<string, TensorEntry> {
  const fd = openSync(file, 'r')
  try {
    const { size } = fstatSync(fd)
    if (size < 8) throw invalidCheckpoint(file, `a safetensors file expected, it has ${size} bytes.`)
    const prefix = Buffer.alloc(8)
    readSync(fd, prefix, 0, 8, 0)
    if (startsAsPickle(prefix)) throw pickledCheckpoint(file)
    if (prefix.toString('latin1') === 'version ')
      throw invalidCheckpoint(file, 'it is a Git LFS pointer, the tensors are not here. Fetch them with "git lfs pull".')
    const length = Number(prefix.readBigUInt64LE())
    if (length > LARGEST_HEADER || 8 + length > size) {
      throw invalidCheckpoint(file, `its header claims ${length} bytes, the file has ${size}: it is truncated or no safetensors file.`)
    }
    const text = Buffer.alloc(length)
    readSync(fd, text, 0, length, 8)
    return parseHeader(file, text.toString('utf8'), 8 + length, size)
  } finally {
    closeSync(fd)
  }
}

function parseHeader(file: string, text: string, start: number, size: number): Map<string, TensorEntry> {
  let json: unknown
  try {
    json = JSON.parse(text)
  } catch (cause) {
    throw invalidCheckpoint(file, 'its header is not JSON: it is corrupt or no safetensors file.', cause)
  }
  const parsed = header.safeParse(json)
  if (!parsed.success) throw invalidCheckpoint(file, 'its header is not a JSON object.')
  const tensors = new Map<string, TensorEntry>()
  for (const [name, value] of Object.entries(parsed.data)) {
    if (name === '__metadata__') continue
    const one = entry.safeParse(value)
    if (!one.success) throw invalidCheckpoint(file, `the header's entry for ${name} is malformed.`)
    const {
      dtype,
      shape,
      data_offsets: [from, to],
    } = one.data
    const expected = bytesPerElement[dtype] && shape.reduce((count, dim) => count * dim, bytesPerElement[dtype])
    if (to < from || (expected !== undefined && to - from !== expected)) {
      throw invalidCheckpoint(file, `${name} is ${dtype} [${shape}], which takes ${expected} bytes; its entry spans ${to - from}.`)
    }
    if (start + to > size) throw invalidCheckpoint(file, `truncated: ${name} ends at byte ${start + to}, the file has ${size}.`)
    tensors.set(name, { dtype, shape, file, offset: start + from, length: to - from })
  }
  return tensors
}
