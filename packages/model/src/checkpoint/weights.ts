import { closeSync, openSync, readSync } from 'node:fs'
import { type FileHandle, open } from 'node:fs/promises'
import { elementCount } from '@weft/graph'
import { invalidCheckpoint, unknownTensor, unsupportedDtype } from '../errors.ts'
import { type BlockType, blockType } from '../gguf/block-types.ts'
import type { TensorEntry } from './header.ts'
import { asComputed, rowsAsComputed, storedRow } from './stored-order.ts'

/** Bytes of a float32 weight in a file, for ONNX external data or a memory map. */
export interface ExternalLocation {
  file: string
  offset: number
  length: number
}

/** A model's frozen weights. Nothing is held in memory: each read goes to the file and widens or dequantizes to float32. */
export interface ModelWeights {
  readonly names: readonly string[]
  shape(name: string): number[]
  /** All values, into `into` where given (its length is the weight's). */
  read(name: string, into?: Float32Array): Promise<Float32Array>
  readSync(name: string, into?: Float32Array): Float32Array
  /** Rows of a 2-D weight: `[ids.length, columns]`. */
  rows(name: string, ids: ArrayLike<number>): Float32Array
  /** A weight's bytes as its file has them, rows in the weight's own order, and their type. Undefined where they would need arithmetic, or are not of the type `only`. */
  stored?(name: string, only?: string): Promise<{ type: string; bytes: Uint8Array } | undefined>
  /** Where the bytes lie, if they are float32 in a file; null otherwise. */
  external(name: string): ExternalLocation | null
}

const LARGEST_READ = 1 << 30
const CHUNK = 1 << 24 // bytes read at a time, so that widening never holds a second copy of a large weight

export class FileWeights implements ModelWeights {
  readonly names: readonly string[]
  readonly #entries: ReadonlyMap<string, TensorEntry>

  constructor(entries: ReadonlyMap<string, TensorEntry>) {
    this.#entries = entries
    this.names = [...entries.keys()]
  }

  entry(name: string): TensorEntry {
    const found = this.#entries.get(name)
    if (!found) throw unknownTensor(name)
    return found
  }

  shape(name: string): number[] {
    return this.entry(name).shape
  }

  external(name: string): ExternalLocation | null {
    const { dtype, file, offset, length, interleavedHeads, plusOne } = this.entry(name)
    return dtype === 'F32' && !interleavedHeads && !plusOne ? { file, offset, length } : null
  }

  async read(name: string, into = new Float32Array(elementCount(this.shape(name)))): Promise<Float32Array> {
    const entry = this.entry(name)
    const { file } = entry
    let handle: FileHandle | undefined
    try {
      handle = await open(file)
      for (const { bytes, at, part, type } of this.#chunks(name, into)) {
        const { bytesRead } = await handle.read(bytes, 0, bytes.length, at)
        if (bytesRead !== bytes.length) throw truncated(file, name)
        type.decode(bytes, part)
      }
    } finally {
      await handle?.close()
    }
    return asComputed(entry, into)
  }

  async stored(name: string, only?: string): Promise<{ type: string; bytes: Uint8Array } | undefined> {
    const entry = this.entry(name)
    const { file, offset, length, dtype, plusOne } = entry
    if (plusOne || (only !== undefined && dtype !== only)) return undefined
    const bytes = new Uint8Array(length)
    const handle = await open(file)
    try {
      // A read takes no more than 2 GB.
      for (let at = 0; at < length; at += LARGEST_READ) {
        const { bytesRead } = await handle.read(bytes, at, Math.min(LARGEST_READ, length - at), offset + at)
        if (bytesRead !== Math.min(LARGEST_READ, length - at)) throw truncated(file, name)
      }
    } finally {
      await handle.close()
    }
    return { type: dtype, bytes: rowsAsComputed(entry, bytes) }
  }

  readSync(name: string, into = new Float32Array(elementCount(this.shape(name)))): Float32Array {
    const entry = this.entry(name)
    const { file } = entry
    const fd = openSync(file, 'r')
    try {
      for (const { bytes, at, part, type } of this.#chunks(name, into)) {
        if (readSync(fd, bytes, 0, bytes.length, at) !== bytes.length) throw truncated(file, name)
        type.decode(bytes, part)
      }
    } finally {
      closeSync(fd)
    }
    return asComputed(entry, into)
  }

  rows(name: string, ids: ArrayLike<number>): Float32Array {
    const entry = this.entry(name)
    const {
      file,
      offset,
      shape: [count, columns],
    } = entry
    const type = typeOf(entry, name)
    const bytes = new Uint8Array((columns / type.values) * type.bytes)
    const into = new Float32Array(ids.length * columns)
    const fd = openSync(file, 'r')
    try {
      for (let i = 0; i < ids.length; i++) {
        if (!(ids[i] >= 0 && ids[i] < count)) throw new RangeError(`row ${ids[i]} of ${name}, which has ${count}`)
        if (readSync(fd, bytes, 0, bytes.length, offset + storedRow(entry, ids[i]) * bytes.length) !== bytes.length) throw truncated(file, name)
        type.decode(bytes, into.subarray(i * columns, (i + 1) * columns))
      }
    } finally {
      closeSync(fd)
    }
    return entry.plusOne ? into.map((value) => value - 1) : into
  }

  *#chunks(name: string, into: Float32Array) {
    const entry = this.entry(name)
    const { offset, length, shape } = entry
    if (into.length !== elementCount(shape)) throw new RangeError(`${name} is [${shape}], the target holds ${into.length} values`)
    const type = typeOf(entry, name)
    const buffer = new Uint8Array(Math.min(length, CHUNK - (CHUNK % type.bytes)))
    for (let from = 0; from < length; from += buffer.length) {
      const bytes = buffer.subarray(0, Math.min(buffer.length, length - from))
      const first = (from / type.bytes) * type.values
      yield { type, bytes, at: offset + from, part: into.subarray(first, first + (bytes.length / type.bytes) * type.values) }
    }
  }
}

function typeOf({ dtype }: TensorEntry, name: string): BlockType {
  const type = blockType(dtype)
  if (!type) throw unsupportedDtype(name, dtype)
  return type
}

const truncated = (file: string, name: string) => invalidCheckpoint(file, `it ended within ${name}: was it changed while in use?`)
