import { closeSync, fstatSync, openSync, readSync } from 'node:fs'
import { type HeaderFaults, headerLength, parseSafetensorsHeader } from '@weft/adapters'
import { gitLfsPointer, invalidCheckpoint, pickledCheckpoint } from '../errors.ts'
import { startsAsPickle } from './pickle.ts'

/** Where a tensor lies in a safetensors or GGUF file. */
export interface TensorEntry {
  /** As the file's format names it: `BF16`, `Q4_K`. */
  dtype: string
  shape: number[]
  file: string
  /** From the start of the file, in bytes. */
  offset: number
  /** In bytes. */
  length: number
  /** Heads whose rows are stored with the two rotary halves interleaved; absent where they lie one after the other. */
  interleavedHeads?: number
  /** Stored as w + 1. */
  plusOne?: true
}

const LARGEST_HEADER = 100 * 1024 * 1024 // the format's own limit

/**
 * Reads the header of a safetensors file, as strictly as an adapter's, and nothing of its tensors. Throws `invalid_checkpoint`,
 * `pickled_checkpoint`, `git_lfs_pointer`.
 */
export function readHeader(file: string): Map<string, TensorEntry> {
  const fd = openSync(file, 'r')
  try {
    const { size } = fstatSync(fd)
    const start = Buffer.alloc(Math.min(size, 64))
    readSync(fd, start, 0, start.length, 0)
    if (start.length >= 8 && startsAsPickle(start)) throw pickledCheckpoint(file)
    const faults = faultsOf(file)
    const text = Buffer.alloc(headerLength(start, size, LARGEST_HEADER, faults))
    readSync(fd, text, 0, text.length, 8)
    const data = 8 + text.length
    const { entries } = parseSafetensorsHeader(text, size - data, faults)
    return new Map([...entries].map(([name, { dtype, shape, start, end }]) => [name, { dtype, shape, file, offset: data + start, length: end - start }]))
  } finally {
    closeSync(fd)
  }
}

const faultsOf = (file: string): HeaderFaults => ({
  invalid: (problem) => invalidCheckpoint(file, `${problem}: it is corrupt or no safetensors file.`),
  truncated: (expected, got) =>
    invalidCheckpoint(file, `its header announces ${expected} bytes, the file has ${got} bytes: it is truncated or no safetensors file.`),
  gitLfsPointer: () => gitLfsPointer(file),
})
