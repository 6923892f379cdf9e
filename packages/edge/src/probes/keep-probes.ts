import { type FineTuningJob, type NumberedRow, type PublishConfig, probesOfRows, publishRules, TrainingFileReader } from '@weft/protocol'
import type { AdapterVersion } from '../stores/adapter-names.ts'
import type { TenantStores } from '../stores/tenant-stores.ts'

/** Rows of a training file that probes are chosen from: the first ones, of a file that has more. */
const chosenFrom = 20_000

/** Whether what is published under a name carries probes: every rule of the configuration for it can say no. */
export const carriesProbes = (config: PublishConfig | undefined, name: string): boolean => publishRules(config, name).every(({ probes }) => probes !== false)

/** Puts a job's probes beside what it published, unless it or the configuration says no, or it has some already. Harmless when it is repeated. */
export async function keepProbes(
  { files, probes, publishing }: Pick<TenantStores, 'files' | 'probes'> & { publishing: PublishConfig | undefined },
  { trainingFile, probes: wanted }: Pick<FineTuningJob, 'trainingFile' | 'probes'>,
  { digest, name }: Pick<AdapterVersion, 'digest' | 'name'>,
): Promise<void> {
  if (wanted === false || !carriesProbes(publishing, name) || (await probes.get([digest])).size > 0) return
  const content = await files.stream(trainingFile)
  if (!content) return
  const found = probesOfRows((await firstRows(content)).map(({ row }) => row))
  if (found.length > 0) await probes.put(digest, found)
}

async function firstRows(content: ReadableStream<Uint8Array>): Promise<NumberedRow[]> {
  const reader = new TrainingFileReader('training')
  const rows: NumberedRow[] = []
  for await (const piece of content) {
    rows.push(...reader.push(piece))
    if (rows.length >= chosenFrom) return rows.slice(0, chosenFrom)
  }
  return [...rows, ...reader.end().rows]
}
