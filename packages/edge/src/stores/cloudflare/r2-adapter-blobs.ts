import type { AdapterBlobs } from '../adapter-blobs.ts'

/** Adapter files in R2 under `sha256:<hex>`; R2 checks the bytes against it as it stores them. */
export const r2AdapterBlobs = (bucket: R2Bucket): AdapterBlobs => ({
  async get(digest) {
    const object = await bucket.get(digest)
    return object ? new Uint8Array(await object.arrayBuffer()) : undefined
  },
  async put(digest, bytes) {
    if (await bucket.head(digest)) return
    await bucket.put(digest, bytes, { sha256: digest.replace('sha256:', '') })
  },
  delete: (digest) => bucket.delete(digest),
})
