import { sha256 } from '@weft/adapters'
import type { Checkpoints } from '../checkpoints.ts'
import { keyPrefix } from '../tenant-stores.ts'
import { written } from '../written.ts'
import type { ObjectStorage } from './object-storage.ts'
import { tenantObjects } from './tenant-objects.ts'

/** A tenant's checkpoints under `<job>/<step>`, with the digest of what was stored. */
export const objectCheckpoints = (storage: ObjectStorage, tenant: string): Checkpoints => {
  const key = (job: string, step: number): string => `${keyPrefix(tenant)}${job}/${String(step).padStart(9, '0')}`
  return {
    put: async (job, step, bytes) => written(storage.put(key(job, step), bytes, await sha256(bytes))),
    async get(job, step) {
      const stored = await storage.head(key(job, step))
      const bytes = stored ? await storage.get(key(job, step)) : undefined
      return bytes && stored?.digest === (await sha256(bytes)) ? bytes : undefined
    },
    delete: (job, step) => storage.delete(key(job, step)),
    list: () => tenantObjects(storage, tenant),
  }
}
