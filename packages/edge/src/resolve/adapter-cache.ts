import { type LoadedAdapter, readAdapter } from '@weft/adapters'
import { adapterFileMissing } from '../errors.ts'
import type { AdapterBlobs } from '../stores/adapter-blobs.ts'

/** Bytes of adapter files that one isolate keeps, of its 128 MB. */
const budget = 32 * 2 ** 20

/** Reads adapters by digest; an isolate keeps those used last. A digest's file never changes, so nothing here is ever stale. */
export type LoadAdapter = (digest: string, id: string) => Promise<LoadedAdapter>

export const adapterCache = (blobs: AdapterBlobs): LoadAdapter => {
  // A Map keeps the order in which keys were set: the first is the one not used for longest.
  const held = new Map<string, { adapter: LoadedAdapter; bytes: number }>()
  let total = 0
  return async (digest, id) => {
    const known = held.get(digest)
    if (known) {
      held.delete(digest)
      held.set(digest, known)
      return known.adapter
    }
    const bytes = await blobs.get(digest)
    if (!bytes) throw adapterFileMissing(id, digest)
    const adapter = await readAdapter(bytes)
    if (!held.has(digest)) total += bytes.byteLength
    held.set(digest, { adapter, bytes: bytes.byteLength })
    for (const [oldest, { bytes: size }] of held) {
      if (total <= budget || oldest === digest) break
      held.delete(oldest)
      total -= size
    }
    return adapter
  }
}
