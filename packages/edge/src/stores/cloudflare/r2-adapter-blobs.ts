import type { AdapterBlobs } from '../adapter-blobs.ts'
import { r2Bytes } from './r2-bytes.ts'
import { written } from './written.ts'

/** Adapter files in R2 under `sha256:<hex>`; R2 checks the bytes against it as it stores them. */
export const r2AdapterBlobs = (bucket: R2Bucket): AdapterBlobs => ({
  get: (digest) => r2Bytes(bucket, digest),
  has: async (digest) => (await bucket.head(digest)) !== null,
  async put(digest, bytes) {
    await written(bucket.put(digest, bytes, { sha256: digest.replace('sha256:', '') }))
  },
  delete: (digest) => bucket.delete(digest),
})
