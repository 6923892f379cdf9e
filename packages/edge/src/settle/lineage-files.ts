import { adapterId } from '../adapters/adapter-object.ts'
import type { AdapterVersion } from '../stores/adapter-names.ts'
import type { TenantStores } from '../stores/tenant-stores.ts'
import { settleWithoutData, settleWithoutHeldOut } from './errors.ts'

type Stores = Pick<TenantStores, 'jobs' | 'files'>

/** Ids of files here that an adapter's training read. */
export interface LineageFiles {
  training: string
  /** What it was measured on, where that was a file of its own. */
  validation?: string
}

/**
 * The files of an adapter's training, by whichever ids: its job's, or of what was uploaded again. Errors 409 `settle_without_data`; `settle_without_held_out`
 * where it was measured on a file that is gone: it has learned every row of the other.
 */
export async function lineageFiles(stores: Stores, adapter: AdapterVersion): Promise<LineageFiles> {
  const { data, validation: heldOut } = adapter.manifest.lineage
  const job = adapter.jobId === null ? undefined : (await stores.jobs.get(adapter.jobId))?.job
  const training = data && (await fileOf(stores, data, job?.trainingFile))
  if (!training) throw settleWithoutData(adapterId(adapter))
  if (heldOut === undefined) return { training }
  const validation = await fileOf(stores, heldOut, job?.validationFile ?? undefined)
  if (validation === undefined) throw settleWithoutHeldOut(adapterId(adapter))
  return { training, validation }
}

async function fileOf({ files }: Stores, digest: string, named: string | undefined): Promise<string | undefined> {
  if (named !== undefined && (await files.get(named))?.digest === digest) return named
  for (let after: string | undefined; ; ) {
    const page = await files.list({ after, limit: 100, purpose: 'fine-tune' })
    const found = page.files.find((file) => file.digest === digest)
    if (found || !page.hasMore || page.files.length === 0) return found?.id
    after = page.files.at(-1)!.id
  }
}
