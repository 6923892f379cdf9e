import { type FineTuningJob, type Probe, type PublishConfig, probesOfRows, publishRules } from '@weft/protocol'
import type { AdapterVersion } from '../stores/adapter-names.ts'
import type { TenantStores } from '../stores/tenant-stores.ts'
import { firstRows } from './first-rows.ts'

/** Whether what is published under a name carries probes: every rule of the configuration for it can say no. */
const carriesProbes = (config: PublishConfig | undefined, name: string): boolean => publishRules(config, name).every(({ probes }) => probes !== false)

type Job = Pick<FineTuningJob, 'trainingFile' | 'probes' | 'settles' | 'from'>
type Stores = Pick<TenantStores, 'files' | 'names' | 'probes'>

/** Puts a job's probes beside what it published, unless it or the configuration says no, or it has some already. Harmless when it is repeated. */
export async function keepProbes(
  { publishing, ...stores }: Stores & { publishing: PublishConfig | undefined },
  job: Job,
  { digest, name }: Pick<AdapterVersion, 'digest' | 'name'>,
): Promise<void> {
  const { probes } = stores
  if (job.probes === false || !carriesProbes(publishing, name) || (await probes.get([digest])).size > 0) return
  const found = await (job.settles === undefined ? chosen(stores, job) : carriedBefore(stores, job))
  if (found.length > 0) await probes.put(digest, found)
}

async function chosen({ files }: Stores, { trainingFile }: Job): Promise<Probe[]> {
  const content = await files.stream(trainingFile)
  return content ? probesOfRows(await firstRows(content)) : []
}

/** Settling goes on with an adapter as it is: somebody may have given it probes that its file does not hold. */
async function carriedBefore({ names, probes }: Stores, { from }: Job): Promise<Probe[]> {
  const [name, version] = from?.split('@') ?? []
  const before = name && (await names.find(name, Number(version)))
  return (before && (await probes.get([before.digest])).get(before.digest)) || []
}
