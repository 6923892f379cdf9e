import { isFinal, isFinalBatch } from '@weft/protocol'
import type { BatchDispatcher } from '../batches/batch-dispatcher.ts'
import type { JobDispatcher } from '../jobs/job-dispatcher.ts'
import type { Keys } from '../stores/tenants/keys.ts'
import type { PrincipalStores } from '../stores/tenants/open-for-principal.ts'

export interface Cancelling {
  dispatcher: Pick<JobDispatcher, 'cancel'>
  batchDispatcher: Pick<BatchDispatcher, 'cancel'>
}

/**
 * Takes a key out of use, and cancels the jobs and batches that it, or a key whose place it took, began and that have not ended. Gives their ids. May be
 * repeated: what one call did not get to, the next does.
 */
export async function revokeKey({ keys, jobs, batches, record }: PrincipalStores, id: string, { dispatcher, batchDispatcher }: Cancelling): Promise<string[]> {
  await keys.revoke(id)
  const line = await keys.lineOf(id)
  const cancelled: string[] = []
  for (const job of await jobs.unfinishedOf(line)) {
    const { status } = (await dispatcher.cancel(job)) ?? {}
    if (status === undefined || (isFinal(status) && status !== 'cancelled')) continue
    await record({ action: 'job.cancel', target: job })
    cancelled.push(job)
  }
  for (const batch of await batches.unfinishedOf(line)) {
    const { status } = (await batchDispatcher.cancel(batch)) ?? {}
    if (status === undefined || (isFinalBatch(status) && status !== 'cancelled')) continue
    await record({ action: 'batch.cancel', target: batch })
    cancelled.push(batch)
  }
  return cancelled
}

/** Whether work that a principal began is to stop: its key was revoked, perhaps as the work was begun. */
export const isRevoked = async (keys: Pick<Keys, 'get'>, principal: string | undefined): Promise<boolean> =>
  principal !== undefined && ((await keys.get(principal))?.revokedAt ?? null) !== null
