import { type LoadedAdapter, readAdapter } from '@weft/adapters'
import { LRUCache } from 'lru-cache'
import { adapterFile, whileThere } from '../adapters/adapter-file.ts'
import { adapterId } from '../adapters/adapter-object.ts'
import type { AdapterVersion } from '../stores/adapter-names.ts'
import type { TenantStores } from '../stores/tenant-stores.ts'

/** Bytes of adapter files that one isolate keeps, of its 128 MB. */
const budget = 32 * 2 ** 20

/**
 * Reads adapters; an isolate keeps those used last, each for the tenant whose it is: nobody can tell by the time that it takes whether others have the same
 * bytes. A digest's file never changes, so nothing here is ever stale.
 */
export type LoadAdapter = (adapter: AdapterVersion) => Promise<LoadedAdapter>

export const adapterCache = (storesOf: (tenant: string) => Pick<TenantStores, 'blobs' | 'names'>): LoadAdapter => {
  const held = new LRUCache<string, LoadedAdapter>({ maxSize: budget })
  return async (adapter) => {
    const { tenant, digest } = adapter
    const key = `${tenant} ${digest}`
    const known = held.get(key)
    if (known) return known
    const { blobs, names } = storesOf(tenant)
    const bytes = await whileThere(adapterFile(blobs, { id: adapterId(adapter), digest }), names, adapter, 'model')
    const loaded = await readAdapter(bytes)
    held.set(key, loaded, { size: bytes.byteLength })
    return loaded
  }
}
