import { sha256 } from '@weft/adapters'
import type { Checkpoints } from '../../checkpoints.ts'
import { keyPrefix } from '../../tenant-stores.ts'
import { written } from '../written.ts'
import { r2Bytes } from './r2-bytes.ts'
import { r2Objects } from './r2-objects.ts'

/** A tenant's checkpoints in R2 under `<job>/<step>`, with the digest of what was stored. */
export const r2Checkpoints = (bucket: R2Bucket, tenant: string): Checkpoints => {
  const key = (job: string, step: number): string => `${keyPrefix(tenant)}${job}/${String(step).padStart(9, '0')}`
  return {
    async put(job, step, bytes) {
      const customMetadata = { digest: await sha256(bytes) }
      await written(bucket.put(key(job, step), bytes, { customMetadata }))
    },
    async get(job, step) {
      const stored = await bucket.head(key(job, step))
      const bytes = stored ? await r2Bytes(bucket, key(job, step)) : undefined
      return bytes && stored?.customMetadata?.digest === (await sha256(bytes)) ? bytes : undefined
    },
    delete: (job, step) => bucket.delete(key(job, step)),
    list: () => r2Objects(bucket, tenant),
  }
}
