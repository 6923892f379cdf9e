import type { AdapterBlobs } from '../../adapter-blobs.ts'
import { keyPrefix } from '../../tenant-stores.ts'
import { written } from '../written.ts'
import { r2Bytes } from './r2-bytes.ts'
import { r2Objects } from './r2-objects.ts'

/** A tenant's adapter files in R2 under `sha256:<hex>`; R2 checks the bytes against it as it stores them. */
export const r2AdapterBlobs = (bucket: R2Bucket, tenant: string): AdapterBlobs => {
  const key = (digest: string): string => keyPrefix(tenant) + digest
  return {
    get: (digest) => r2Bytes(bucket, key(digest)),
    has: async (digest) => (await bucket.head(key(digest))) !== null,
    async put(digest, bytes) {
      await written(bucket.put(key(digest), bytes, { sha256: digest.replace('sha256:', '') }))
    },
    delete: (digest) => bucket.delete(key(digest)),
    list: () => r2Objects(bucket, tenant),
  }
}
