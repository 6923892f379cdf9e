import type { JobRecord } from '../stores/jobs.ts'
import type { PrincipalStores } from '../stores/tenants/open-for-principal.ts'
import type { JobQueue } from './job-queue.ts'
import { stillThere } from './still-there.ts'

/**
 * Writes jobs down and lets them begin: all of them, or, where something that one needs is gone, none. Errors 404.
 * @param by who asks
 */
export async function startJobs(
  records: readonly JobRecord[],
  stores: PrincipalStores,
  { jobQueue, by }: { jobQueue: Pick<JobQueue, 'enqueue'>; by: string },
): Promise<void> {
  const { jobs } = stores
  for (const record of records) await jobs.create({ ...record, by })
  try {
    for (const record of records) await stillThere(stores, record)
  } catch (error) {
    for (const { job } of records) await jobs.delete(job.id)
    throw error
  }
  // A job exists from here on: without the queue, the sweep finds it in the table, and an error would only have it made twice.
  for (const { job } of records) await jobQueue.enqueue(job.id).catch((error: unknown) => console.error(`job ${job.id} waits for the sweep`, error))
}
