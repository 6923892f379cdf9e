import type { Checkpoints } from '../checkpoints.ts'

const key = (job: string, step: number): string => `${job}/${String(step).padStart(9, '0')}`

/** Checkpoints in R2 under `<job>/<step>`. */
export const r2Checkpoints = (bucket: R2Bucket): Checkpoints => ({
  async put(job, step, bytes) {
    await bucket.put(key(job, step), bytes)
  },
  async get(job, step) {
    const object = await bucket.get(key(job, step))
    return object ? new Uint8Array(await object.arrayBuffer()) : undefined
  },
  delete: (job, step) => bucket.delete(key(job, step)),
})
