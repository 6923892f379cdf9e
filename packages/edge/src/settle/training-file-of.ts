import type { AdapterVersion } from '../stores/adapter-names.ts'
import type { TenantStores } from '../stores/tenant-stores.ts'

/** The file that an adapter was trained on, if it is still here, by whichever id: its job's, or one that was uploaded again. */
export async function trainingFileOf({ jobs, files }: Pick<TenantStores, 'jobs' | 'files'>, adapter: AdapterVersion): Promise<string | undefined> {
  const { data } = adapter.manifest.lineage
  if (data === undefined) return undefined
  const named = adapter.jobId === null ? undefined : (await jobs.get(adapter.jobId))?.job.trainingFile
  if (named !== undefined && (await files.get(named))?.digest === data) return named
  for (let after: string | undefined; ; ) {
    const page = await files.list({ after, limit: 100, purpose: 'fine-tune' })
    const found = page.files.find(({ digest }) => digest === data)
    if (found || !page.hasMore || page.files.length === 0) return found?.id
    after = page.files.at(-1)!.id
  }
}
