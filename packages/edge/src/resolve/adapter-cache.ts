import { type LoadedAdapter, readAdapter } from '@weft/adapters'
import { LRUCache } from 'lru-cache'
import { adapterFile } from '../adapters/adapter-file.ts'
import type { AdapterBlobs } from '../stores/adapter-blobs.ts'

/** Bytes of adapter files that one isolate keeps, of its 128 MB. */
const budget = 32 * 2 ** 20

/** Reads adapters by digest; an isolate keeps those used last. A digest's file never changes, so nothing here is ever stale. */
export type LoadAdapter = (digest: string, id: string) => Promise<LoadedAdapter>

export const adapterCache = (blobs: AdapterBlobs): LoadAdapter => {
  const held = new LRUCache<string, LoadedAdapter>({ maxSize: budget })
  return async (digest, id) => {
    const known = held.get(digest)
    if (known) return known
    const bytes = await adapterFile(blobs, { id, digest })
    const adapter = await readAdapter(bytes)
    held.set(digest, adapter, { size: bytes.byteLength })
    return adapter
  }
}
