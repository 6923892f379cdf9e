import type { AdapterBlobs } from '../adapter-blobs.ts'
import { keyPrefix } from '../tenant-stores.ts'
import { written } from '../written.ts'
import type { ObjectStorage } from './object-storage.ts'
import { tenantObjects } from './tenant-objects.ts'

/** A tenant's adapter files under `sha256:<hex>`; the storage checks the bytes against it as it stores them. */
export const objectAdapterBlobs = (storage: ObjectStorage, tenant: string): AdapterBlobs => {
  const key = (digest: string): string => keyPrefix(tenant) + digest
  return {
    get: (digest) => storage.get(key(digest)),
    has: async (digest) => (await storage.head(key(digest))) !== undefined,
    read: (digest, start, end) => storage.read(key(digest), start, end),
    isWhole: async (digest) => (await storage.digest(key(digest))) === digest,
    put: (digest, bytes) => written(storage.put(key(digest), bytes, digest)),
    delete: (digest) => storage.delete(key(digest)),
    list: () => tenantObjects(storage, tenant),
  }
}
