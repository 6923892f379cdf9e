import type { JobRecord } from '../stores/jobs.ts'
import type { PrincipalStores } from '../stores/tenants/open-for-principal.ts'
import type { JobQueue } from './job-queue.ts'
import { stillThere } from './still-there.ts'

/**
 * Writes jobs down and lets them begin: all of them, or, where one cannot be written or something that it needs is gone, none. Errors 404, 507 `storage_full`.
 * @param by who asks
 */
export async function startJobs(
  records: readonly JobRecord[],
  stores: PrincipalStores,
  { jobQueue, by }: { jobQueue: Pick<JobQueue, 'enqueue'>; by: string },
): Promise<void> {
  const { jobs } = stores
  const begun: JobRecord[] = []
  try {
    for (const record of records) {
      begun.push(record)
      await jobs.create({ ...record, by })
    }
    for (const record of records) await stillThere(stores, record)
  } catch (error) {
    // The one that failed too: nobody knows whether it was written before its answer was lost.
    for (const { job } of begun) await jobs.delete(job.id).catch((left: unknown) => console.error(`job ${job.id} could not be taken back`, left))
    throw error
  }
  // A job exists from here on: without the queue, the sweep finds it in the table, and an error would only have it made twice.
  for (const { job } of records) await jobQueue.enqueue(job.id).catch((error: unknown) => console.error(`job ${job.id} waits for the sweep`, error))
}
