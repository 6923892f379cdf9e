import { type AnsweredProbe, settledProbes, type TrainingSpec } from '@weft/protocol'
import { adapterId } from '../adapters/adapter-object.ts'
import { probesChanged } from '../probes/errors.ts'
import { firstRows } from '../probes/first-rows.ts'
import { probeLines, probesDigest } from '../probes/probe-bytes.ts'
import type { AdapterVersion } from '../stores/adapter-names.ts'
import type { TenantStores } from '../stores/tenant-stores.ts'
import { settleWithoutData, settleWithoutProbes } from './errors.ts'
import { type LineageFiles, lineageFiles } from './lineage-files.ts'

type SilentOn = NonNullable<TrainingSpec['silentOn']>
type Stores = Pick<TenantStores, 'jobs' | 'files' | 'probes'>

/** An adapter of a stack, and what the others learn of it. */
export interface Settled {
  files: LineageFiles
  probes: AnsweredProbe[]
}

/**
 * The files of an adapter's training, and what of it, beside the probes that it carries, the others are to be silent on.
 * Errors 409 `settle_without_probes`, `settle_without_data`, `settle_without_held_out`.
 */
export async function settledOf(stores: Stores, adapter: AdapterVersion): Promise<Settled> {
  const carried = (await stores.probes.get([adapter.digest])).get(adapter.digest)
  if (!carried) throw settleWithoutProbes(adapterId(adapter))
  const files = await lineageFiles(stores, adapter)
  const content = await stores.files.stream(files.training)
  if (!content) throw settleWithoutData(adapterId(adapter))
  return { files, probes: settledProbes(await firstRows(content), carried) }
}

/** With the digest of what the others are silent on, for a job to remember. */
export const pinSettled = async (adapter: AdapterVersion, { probes }: Settled): Promise<SilentOn[number]> => ({
  ref: adapterId(adapter),
  digest: adapter.digest,
  probes: await probesDigest(probes),
})

/** What the others are asked and answer, as it travels. Errors: those of `settledOf`; 409 `probes_changed` where it is not what the job was created with. */
export async function readSettled(stores: Stores & Pick<TenantStores, 'names'>, all: SilentOn): Promise<Uint8Array> {
  const lines = all.map(async ({ ref, digest, probes: pinned }) => {
    const adapter = await stores.names.findByDigest(digest, ref.slice(0, ref.lastIndexOf('@')))
    if (!adapter) throw probesChanged(ref)
    const { probes } = await settledOf(stores, adapter)
    if ((await probesDigest(probes)) !== pinned) throw probesChanged(ref)
    return probeLines(probes)
  })
  return new TextEncoder().encode((await Promise.all(lines)).join(''))
}
