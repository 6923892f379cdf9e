import { type LoadedAdapter, readAdapter } from '@weft/adapters'
import { LRUCache } from 'lru-cache'
import { adapterFile } from '../adapters/adapter-file.ts'
import { adapterId } from '../adapters/adapter-object.ts'
import type { AdapterBlobs } from '../stores/adapter-blobs.ts'
import type { AdapterVersion } from '../stores/adapter-names.ts'

/** Bytes of adapter files that one isolate keeps, of its 128 MB. */
const budget = 32 * 2 ** 20

/**
 * Reads adapters; an isolate keeps those used last, each for the tenant whose it is: nobody can tell by the time that it takes whether others have the same
 * bytes. A digest's file never changes, so nothing here is ever stale.
 */
export type LoadAdapter = (adapter: AdapterVersion) => Promise<LoadedAdapter>

export const adapterCache = (blobsOf: (tenant: string) => AdapterBlobs): LoadAdapter => {
  const held = new LRUCache<string, LoadedAdapter>({ maxSize: budget })
  return async (adapter) => {
    const { tenant, digest } = adapter
    const key = `${tenant} ${digest}`
    const known = held.get(key)
    if (known) return known
    const bytes = await adapterFile(blobsOf(tenant), { id: adapterId(adapter), digest })
    const loaded = await readAdapter(bytes)
    held.set(key, loaded, { size: bytes.byteLength })
    return loaded
  }
}
