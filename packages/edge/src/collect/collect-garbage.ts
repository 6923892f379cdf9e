import type { Garbage, GarbageKind, KeptReason, KeptReasonCode } from '@weft/protocol'
import { adapterId } from '../adapters/adapter-object.ts'
import { removeUnnamedBlobs } from '../adapters/withdraw.ts'
import type { AdapterVersion } from '../stores/adapter-names.ts'
import type { TenantStores } from '../stores/tenant-stores.ts'
import type { Share } from '../stores/tenants/shares.ts'
import { type Use, type UserKind, type Uses, usesOf } from './uses.ts'

interface Options {
  dryRun: boolean
  graceSeconds: number
  keep: number
}

/** What the configuration uses. */
export interface ConfiguredUses {
  /** Files, each with why it stays. */
  files: ReadonlyMap<string, string>
  /** Names that tenants share, beside those that they share by the API. */
  shares: readonly Share[]
}

/**
 * Removes what nothing of a tenant's uses: versions, adapter files that no version points to, checkpoints of jobs that have ended, and uploads. What is
 * younger than the grace period stays. Whether a thing is used is asked once more as it is removed.
 */
export async function collectGarbage(stores: TenantStores, configured: ConfiguredUses, now: number, { dryRun, graceSeconds, keep }: Options): Promise<Garbage> {
  const uses = await usesOf(stores)
  const shares = [...(await stores.shares.list()), ...configured.shares.filter(({ owner }) => owner === stores.tenant)]
  const removed: Garbage['removed'] = []
  const kept: NonNullable<Garbage['kept']> = []
  const isYoung = (at: number): KeptReason[] => (at > now - graceSeconds ? [{ code: 'young', message: `it is younger than ${graceSeconds} s` }] : [])
  const stays = (kind: GarbageKind, id: string, reasons: readonly KeptReason[]): void => {
    kept.push({ kind, id, because: reasons.map(({ message }) => message), reasons: [...reasons] })
  }

  /** One thing: stays for every reason there is, or goes. @param remove gives whether it went */
  const settle = async (kind: GarbageKind, { id, bytes }: { id: string; bytes: number }, reasons: readonly KeptReason[], remove: () => Promise<boolean>) => {
    if (reasons.length) stays(kind, id, reasons)
    else if (dryRun || (await remove())) removed.push({ kind, id, bytes })
    else stays(kind, id, [{ code: 'used_meanwhile', message: 'it has come to be used meanwhile' }])
  }

  const doomed = await settleVersions()
  await settleBlobs(doomed)
  await settleCheckpoints(uses)
  await settleFiles(uses)
  const bytes = removed.reduce((sum, each) => sum + (each.kind === 'version' ? 0 : each.bytes), 0)
  return { object: 'garbage_collection', dryRun, bytes, removed, ...(dryRun ? { kept } : {}) }

  /** @returns the versions that went, or would */
  async function settleVersions(): Promise<Set<string>> {
    const passed = new Map<string, number>()
    const waiting = new Map<string, number>()
    for (const adapter of (await stores.names.list()).filter(({ tenant }) => tenant === stores.tenant)) {
      const { name, candidate } = adapter
      const alike = candidate ? waiting : passed
      const newer = alike.get(name) ?? 0
      alike.set(name, newer + 1)
      // Versions come newest first. A candidate that one in force has overtaken waits for nothing any more; one that has no such above it may be all there is of a training.
      const isNewest = newer < keep && !(candidate && passed.has(name))
      const reasons: KeptReason[] = [
        ...(uses.versions.get(adapterId(adapter)) ?? []).map(reasonOf),
        ...shares
          .filter(({ prefix }) => name.startsWith(prefix))
          .map(
            ({ reader }): KeptReason => ({
              code: 'share',
              message: `${reader === '*' ? 'every tenant' : `the tenant "${reader}"`} may use it: it is shared`,
            }),
          ),
        ...uses.unreadBatches.map((batch): KeptReason => ({ code: 'batch', message: `the batch "${batch}" may ask for it` })),
        ...(isNewest ? [{ code: 'newest' as const, message: `it is one of the ${keep} newest${candidate ? ' candidates' : ''}` }] : []),
        ...isYoung(adapter.createdAt),
      ]
      await settle('version', { id: adapterId(adapter), bytes: adapter.bytes }, reasons, () => removeVersion(adapter))
    }
    return new Set(removed.map(({ id }) => id))
  }

  async function removeVersion({ name, version }: AdapterVersion): Promise<boolean> {
    return (await stores.names.collect(name, version)) !== undefined
  }

  async function settleBlobs(doomed: ReadonlySet<string>): Promise<void> {
    const pointing = Map.groupBy(
      (await stores.names.list()).filter((adapter) => adapter.tenant === stores.tenant && !(dryRun && doomed.has(adapterId(adapter)))),
      ({ digest }) => digest,
    )
    for (const blob of await stores.blobs.list()) {
      const reasons: KeptReason[] = [
        ...(pointing.get(blob.id) ?? []).map((adapter) => ({ code: 'version' as const, message: `it is the file of "${adapterId(adapter)}"` })),
        ...isYoung(blob.storedAt),
      ]
      await settle('blob', blob, reasons, async () => (await removeUnnamedBlobs(stores, [{ digest: blob.id, bytes: blob.bytes }])).size > 0)
    }
  }

  async function settleCheckpoints({ unfinishedJobs }: Uses): Promise<void> {
    for (const checkpoint of await stores.checkpoints.list()) {
      const [job = '', step = ''] = checkpoint.id.split('/')
      const reasons: KeptReason[] = [
        ...(unfinishedJobs.has(job) ? [{ code: 'job' as const, message: `the job "${job}" may go on from it` }] : []),
        ...isYoung(checkpoint.storedAt),
      ]
      await settle('checkpoint', checkpoint, reasons, async () => {
        await stores.checkpoints.delete(job, Number(step))
        return true
      })
    }
  }

  async function settleFiles({ files }: Uses): Promise<void> {
    for (const file of await stores.files.contents()) {
      const byGate = configured.files.get(file.id)
      const reasons: KeptReason[] = [
        ...(files.get(file.id) ?? []).map(reasonOf),
        ...(byGate === undefined ? [] : [{ code: 'publish_gate' as const, message: byGate }]),
        ...isYoung(file.storedAt),
      ]
      await settle('file', file, reasons, () => stores.files.collect(file.id))
    }
  }
}

const codes: Readonly<Record<UserKind, KeptReasonCode>> = {
  'bare name': 'bare_name',
  alias: 'alias',
  route: 'route',
  'route version': 'route_version',
  calibration: 'calibration',
  adapter: 'adapter',
  job: 'job',
  batch: 'batch',
}

const reasonOf = ({ kind, why }: Use): KeptReason => ({ code: codes[kind], message: why })
