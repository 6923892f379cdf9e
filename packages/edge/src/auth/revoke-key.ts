import { isFinal, isFinalBatch } from '@weft/protocol'
import type { BatchDispatcher } from '../batches/batch-dispatcher.ts'
import type { JobDispatcher } from '../jobs/job-dispatcher.ts'
import type { Keys } from '../stores/tenants/keys.ts'
import type { PrincipalStores } from '../stores/tenants/open-for-principal.ts'
import type { RememberedKeys } from './remembered-keys.ts'

export interface Revoking {
  rememberedKeys: Pick<RememberedKeys, 'forget'>
  dispatcher: Pick<JobDispatcher, 'cancel'>
  batchDispatcher: Pick<BatchDispatcher, 'cancel'>
}

/**
 * Takes a key out of use, and cancels the jobs and batches that it, or a key whose place it took, began and that have not ended. Gives their ids. May be
 * repeated: what one call did not get to, the next does.
 */
export async function revokeKey(
  { keys, jobs, batches, record }: PrincipalStores,
  id: string,
  { rememberedKeys, dispatcher, batchDispatcher }: Revoking,
): Promise<string[]> {
  const line = await keys.lineOf(id)
  // Once more when the key is out of use: what it began until then. And before: what notices by itself has ended by the time that it is asked for.
  const begun = async () => ({ jobs: await jobs.unfinishedOf(line), batches: await batches.unfinishedOf(line) })
  const before = await begun()
  // Also where that fails: it may have been done.
  await keys.revoke(id).finally(() => rememberedKeys.forget(id))
  const after = await begun()
  const cancelled: string[] = []
  for (const job of new Set([...before.jobs, ...after.jobs])) {
    const { status } = (await dispatcher.cancel(job)) ?? {}
    if (status === undefined || (isFinal(status) && status !== 'cancelled')) continue
    await record({ action: 'job.cancel', target: job })
    cancelled.push(job)
  }
  for (const batch of new Set([...before.batches, ...after.batches])) {
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
