import type { Garbage, GarbageKind, KeptReason, KeptReasonCode } from '@weft/protocol'
import { adapterId } from '../adapters/adapter-object.ts'
import { removeUnnamedBlobs } from '../adapters/withdraw.ts'
import type { TenantStores } from '../stores/tenant-stores.ts'
import type { Share } from '../stores/tenants/shares.ts'
import { type Use, type UserKind, type Uses, usesOf } from './uses.ts'

interface Options {
  dryRun: boolean
  graceSeconds: number
  keep: number
}

/** Questions to the stores that one thing costs to remove. */
const costs: Readonly<Record<GarbageKind, number>> = { version: 1, blob: 2, checkpoint: 1, file: 6 }

interface Thing {
  id: string
  bytes: number
  reasons: readonly KeptReason[]
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
 * @param mostQuestions those that removing may cost: what they do not reach is for the next time, which `hasMore` says
 */
export async function collectGarbage(
  stores: TenantStores,
  configured: ConfiguredUses,
  now: number,
  { dryRun, graceSeconds, keep }: Options,
  mostQuestions = Infinity,
): Promise<Garbage> {
  const uses = await usesOf(stores)
  const shares = [...(await stores.shares.list()), ...configured.shares.filter(({ owner }) => owner === stores.tenant)]
  const removed: Garbage['removed'] = []
  const kept: NonNullable<Garbage['kept']> = []
  const isYoung = (at: number): KeptReason[] => (at > now - graceSeconds ? [{ code: 'young', message: `it is younger than ${graceSeconds} s` }] : [])
  let questions = mostQuestions
  let hasMore = false

  /** Each stays for every reason there is, or goes. @param remove gives the ids of those that went */
  const settle = async <T extends Thing>(kind: GarbageKind, things: readonly T[], remove: (some: readonly T[]) => Promise<ReadonlySet<string>>) => {
    for (const { id, reasons } of things) if (reasons.length) kept.push({ kind, id, because: reasons.map(({ message }) => message), reasons: [...reasons] })
    const unused = things.filter(({ reasons }) => reasons.length === 0)
    const some = dryRun ? unused : unused.slice(0, Math.floor(questions / costs[kind]))
    if (some.length < unused.length) hasMore = true
    questions -= some.length * costs[kind]
    const gone = dryRun ? undefined : await remove(some)
    for (const { id, bytes } of some) if (!gone || gone.has(id)) removed.push({ kind, id, bytes })
  }
  const eachOf =
    <T extends Thing>(remove: (thing: T) => Promise<boolean>) =>
    async (some: readonly T[]): Promise<ReadonlySet<string>> => {
      const gone = new Set<string>()
      for (const thing of some) if (await remove(thing)) gone.add(thing.id)
      return gone
    }

  const doomed = await settleVersions()
  await settleBlobs(doomed)
  await settleCheckpoints(uses)
  await settleFiles(uses)
  const bytes = removed.reduce((sum, each) => sum + (each.kind === 'version' ? 0 : each.bytes), 0)
  return { object: 'garbage_collection', dryRun, bytes, removed, ...(dryRun ? { kept } : { hasMore }) }

  /** @returns the versions that went, or would */
  async function settleVersions(): Promise<Set<string>> {
    const passed = new Map<string, number>()
    const waiting = new Map<string, number>()
    const things = (await stores.names.list())
      .filter(({ tenant }) => tenant === stores.tenant)
      .map((adapter) => {
        const { name, version, candidate, bytes } = adapter
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
        return { id: adapterId(adapter), bytes, reasons, name, version }
      })
    await settle('version', things, async (some) => new Set((await stores.names.collect(some)).map(adapterId)))
    return new Set(removed.map(({ id }) => id))
  }

  async function settleBlobs(doomed: ReadonlySet<string>): Promise<void> {
    const pointing = Map.groupBy(
      (await stores.names.list()).filter((adapter) => adapter.tenant === stores.tenant && !(dryRun && doomed.has(adapterId(adapter)))),
      ({ digest }) => digest,
    )
    const things = (await stores.blobs.list()).map((blob) => {
      const reasons: KeptReason[] = [
        ...(pointing.get(blob.id) ?? []).map((adapter) => ({ code: 'version' as const, message: `it is the file of "${adapterId(adapter)}"` })),
        ...isYoung(blob.storedAt),
      ]
      return { ...blob, reasons }
    })
    await settle('blob', things, (some) =>
      removeUnnamedBlobs(
        stores,
        some.map(({ id, bytes }) => ({ digest: id, bytes })),
      ),
    )
  }

  async function settleCheckpoints({ unfinishedJobs }: Uses): Promise<void> {
    const things = (await stores.checkpoints.list()).map((checkpoint) => {
      const [job = '', step = ''] = checkpoint.id.split('/')
      const reasons: KeptReason[] = [
        ...(unfinishedJobs.has(job) ? [{ code: 'job' as const, message: `the job "${job}" may go on from it` }] : []),
        ...isYoung(checkpoint.storedAt),
      ]
      return { ...checkpoint, reasons, job, step: Number(step) }
    })
    const remove = eachOf<(typeof things)[number]>(async ({ job, step }) => {
      await stores.checkpoints.delete(job, step)
      return true
    })
    await settle('checkpoint', things, remove)
  }

  async function settleFiles({ files }: Uses): Promise<void> {
    const things = (await stores.files.contents()).map((file) => {
      const byGate = configured.files.get(file.id)
      const reasons: KeptReason[] = [
        ...(files.get(file.id) ?? []).map(reasonOf),
        ...(byGate === undefined ? [] : [{ code: 'publish_gate' as const, message: byGate }]),
        ...isYoung(file.storedAt),
      ]
      return { ...file, reasons }
    })
    await settle(
      'file',
      things,
      eachOf(({ id }) => stores.files.collect(id)),
    )
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
