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
    async read(digest, start, end) {
      const part = await bucket.get(key(digest), { range: { offset: start, length: end - start } })
      return part ? new Uint8Array(await part.arrayBuffer()) : undefined
    },
    async isWhole(digest) {
      const stored = await bucket.get(key(digest))
      if (!stored) return false
      const hash = new crypto.DigestStream('SHA-256')
      const read = stored.body.pipeTo(hash)
      const whole = await Promise.all([hash.digest, read]).catch(() => undefined)
      if (!whole) return false
      return digest === `sha256:${Array.from(new Uint8Array(whole[0]), (byte) => byte.toString(16).padStart(2, '0')).join('')}`
    },
    async put(digest, bytes) {
      await written(bucket.put(key(digest), bytes, { sha256: digest.replace('sha256:', '') }))
    },
    delete: (digest) => bucket.delete(key(digest)),
    list: () => r2Objects(bucket, tenant),
  }
}
