import { isKeyInUse } from '../idempotency/errors.ts'
import type { JobRecord } from '../stores/jobs.ts'
import type { PrincipalStores } from '../stores/tenants/open-for-principal.ts'
import type { JobQueue } from './job-queue.ts'
import { stillThere } from './still-there.ts'

/**
 * Writes jobs down and lets them begin: all of them, or, where one cannot be written or something that it needs is gone, none. They are written at once, so that
 * whoever is killed meanwhile leaves no half of them for the sweep to begin. Errors 404, 507 `storage_full`.
 * @param by who asks
 */
export async function startJobs(
  records: readonly JobRecord[],
  stores: PrincipalStores,
  { jobQueue, by }: { jobQueue: Pick<JobQueue, 'enqueue'>; by: string },
): Promise<void> {
  const { jobs } = stores
  const ids = records.map(({ job }) => job.id)
  try {
    await jobs.create(records.map((record) => ({ ...record, by })))
    for (const record of records) await stillThere(stores, record)
  } catch (error) {
    // They are those of the same request, which has them by now.
    if (isKeyInUse(error)) throw error
    // Where writing failed too: nobody knows whether they were written before the answer was lost.
    await jobs.delete(ids).catch((left: unknown) => console.error(`${ids.join(', ')}: could not be taken back`, left))
    throw error
  }
  // A job exists from here on: without the queue, the sweep finds it in the table, and an error would only have it made twice.
  for (const id of ids) await jobQueue.enqueue(id).catch((error: unknown) => console.error(`job ${id} waits for the sweep`, error))
}
