import { errors, type HeaderFaults, headerLength, maxHeaderBytes, parseSafetensorsHeader } from '@weft/adapters'
import { adapterId } from '../adapters/adapter-object.ts'
import { adapterFileDamaged, adapterFileMissing } from '../errors.ts'
import type { AdapterBlobs } from '../stores/adapter-blobs.ts'
import type { AdapterVersion } from '../stores/adapter-names.ts'

const faults: HeaderFaults = { invalid: errors.invalidFile, truncated: errors.truncated, gitLfsPointer: errors.gitLfsPointer }

/** Bytes that are fetched at a time. Tensors lie one behind the other, so most reads find theirs here. */
export const windowBytes = 4 * 2 ** 20

/** A tensor of a stored file: where it lies, from the file's beginning. */
export interface TensorEntry {
  dtype: string
  shape: number[]
  start: number
  end: number
}

/** A file in the store, of which a part at a time is in memory. */
export interface StoredAdapter {
  entries: ReadonlyMap<string, TensorEntry>
  /** At most `windowBytes`. */
  read(start: number, end: number): Promise<Uint8Array>
}

/** Errors 500 `adapter_file_missing`; `adapter_file_damaged` when its bytes are no longer those of its digest. */
export async function openStoredAdapter(blobs: AdapterBlobs, adapter: AdapterVersion): Promise<StoredAdapter> {
  const { digest, bytes: size } = adapter
  if (!(await blobs.has(digest))) throw adapterFileMissing(adapterId(adapter), digest)
  if (!(await blobs.isWhole(digest))) throw adapterFileDamaged(adapterId(adapter), digest)
  let window: { start: number; bytes: Uint8Array } | undefined
  const read = async (start: number, end: number): Promise<Uint8Array> => {
    if (!window || start < window.start || end > window.start + window.bytes.length) {
      const bytes = await blobs.read(digest, start, Math.min(size, start + windowBytes))
      if (!bytes || bytes.length < end - start) throw adapterFileMissing(adapterId(adapter), digest)
      window = { start, bytes }
    }
    return window.bytes.subarray(start - window.start, end - window.start)
  }
  const length = headerLength(await read(0, Math.min(size, 1024)), size, maxHeaderBytes, faults)
  const data = 8 + length
  const { entries } = parseSafetensorsHeader(await read(8, data), size - data, faults)
  return {
    read,
    entries: new Map([...entries].map(([name, { dtype, shape, start, end }]) => [name, { dtype, shape, start: data + start, end: data + end }])),
  }
}
