import type { AdapterDiff } from '@weft/protocol'
import { whileThere } from '../adapters/adapter-file.ts'
import { adapterId } from '../adapters/adapter-object.ts'
import type { AdapterVersion } from '../stores/adapter-names.ts'
import type { TenantStores } from '../stores/tenant-stores.ts'
import { distances } from './distance.ts'
import { changedSettings, metricsOf } from './manifests.ts'
import { openStoredAdapter } from './stored-adapter.ts'

type Data = AdapterDiff['data'][number]

/** What differs between two versions: settings, data, metrics and tensors. */
export async function diffAdapters(stores: TenantStores, from: AdapterVersion, to: AdapterVersion): Promise<AdapterDiff> {
  const open = (adapter: AdapterVersion, param: string) => whileThere(openStoredAdapter(stores.blobsOf(adapter), adapter), stores.names, adapter, param)
  const one = await open(from, 'from')
  const other = from.digest === to.digest ? one : await open(to, 'to')
  return {
    object: 'adapter.diff',
    from: { id: adapterId(from), digest: from.digest },
    to: { id: adapterId(to), digest: to.digest },
    identical: from.digest === to.digest,
    config: changedSettings(from.manifest, to.manifest),
    data: await dataOf(stores, from, to),
    metrics: metricsOf(from.manifest, to.manifest),
    ...(await distances(one, other)),
  }
}

async function dataOf(stores: TenantStores, from: AdapterVersion, to: AdapterVersion): Promise<Data[]> {
  const all = await Promise.all(
    (['training', 'validation', 'reference'] as const).map(async (file): Promise<Data> => {
      const [a, b] = await Promise.all([fileOf(stores, from, file), fileOf(stores, to, file)])
      return { file, from: a, to: b, same: a?.digest === b?.digest }
    }),
  )
  return all.filter((each) => each.from !== null || each.to !== null)
}

/** The digest is in the manifest; the rows are known of the file that the job was given, as long as it is there. */
async function fileOf({ jobs, files }: TenantStores, { manifest: { lineage }, jobId }: AdapterVersion, file: Data['file']): Promise<Data['from']> {
  const digest = { training: lineage.data, validation: lineage.validation, reference: lineage.reference ?? lineage.foreign }[file]
  if (digest === undefined) return null
  const job = jobId === null ? undefined : (await jobs.get(jobId))?.job
  const id = job && { training: job.trainingFile, validation: job.validationFile, reference: job.foreignFile }[file]
  const known = id ? await files.get(id) : undefined
  return { digest, rows: known?.digest === digest ? (known.rows ?? null) : null }
}
