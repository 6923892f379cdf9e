import { isOfBase, latest } from '@weft/adapters'
import type { TrainingSpec } from '@weft/protocol'
import { adapterId } from '../adapters/adapter-object.ts'
import type { AdapterVersion } from '../stores/adapter-names.ts'
import type { TenantStores } from '../stores/tenant-stores.ts'
import { probesChanged } from './errors.ts'
import { probeLines, probesDigest } from './probe-bytes.ts'

type SilentOn = NonNullable<TrainingSpec['silentOn']>

/** Adapters whose probes one job reads; of more, those that were published last. */
const most = 32

/** What is trained: the probes of what has the same name or data, or is its start, are its own. */
interface Trained {
  name: string
  data: string | undefined
  from: string | undefined
}

/**
 * Whose probes `locality` has an adapter silent on: everything that the tenant's bare names stand for, except what does the same task. Of which base they are
 * is asked when that is known.
 */
export async function silentOn(stores: Pick<TenantStores, 'tenant' | 'names' | 'aliases' | 'probes'>, trained: Trained): Promise<SilentOn> {
  const standing = new Set((await stores.aliases.list()).flatMap(({ alias, name, version }) => (alias === latest ? [`${name}@${version}`] : [])))
  const [start] = trained.from?.split('@') ?? []
  const isOther = ({ tenant, name, manifest: { lineage } }: AdapterVersion): boolean =>
    tenant === stores.tenant && name !== trained.name && name !== start && (lineage.data === undefined || lineage.data !== trained.data)
  const others = (await stores.names.list())
    .filter((adapter) => standing.has(adapterId(adapter)) && isOther(adapter))
    .sort((a, b) => b.createdAt - a.createdAt || (adapterId(a) < adapterId(b) ? -1 : 1))
  return pinned(stores, others.slice(0, most))
}

/** Those of these that carry probes, with the digest of what they are now. */
async function pinned({ probes }: Pick<TenantStores, 'probes'>, adapters: readonly AdapterVersion[]): Promise<SilentOn> {
  const found = await probes.get(adapters.map(({ digest }) => digest))
  return Promise.all(
    adapters
      .filter(({ digest }) => found.has(digest))
      .map(async (adapter) => ({ ref: adapterId(adapter), digest: adapter.digest, probes: await probesDigest(found.get(adapter.digest)!) })),
  )
}

/** Without those that act on another base. Error 409 `probes_changed` where one is gone: a job that goes on without it would be another job. */
export async function ofBase({ names }: Pick<TenantStores, 'names'>, all: SilentOn, base: { fingerprint: string }): Promise<SilentOn> {
  const found = await Promise.all(all.map(({ ref, digest }) => names.findByDigest(digest, ref.slice(0, ref.lastIndexOf('@')))))
  return all.filter(({ ref }, i) => {
    if (!found[i]) throw probesChanged(ref)
    return isOfBase(found[i].manifest, base)
  })
}

/** All their probes, as they travel. Error 409 `probes_changed` where one is not what the job was created with. */
export async function readPinned({ probes }: Pick<TenantStores, 'probes'>, all: SilentOn): Promise<Uint8Array> {
  const found = await probes.get(all.map(({ digest }) => digest))
  for (const { ref, digest, probes: pinned } of all) {
    const held = found.get(digest)
    if (!held || (await probesDigest(held)) !== pinned) throw probesChanged(ref)
  }
  return new TextEncoder().encode(all.map(({ digest }) => probeLines(found.get(digest)!)).join(''))
}
