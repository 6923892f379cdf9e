import { sha256 } from '@weft/adapters'
import { type Calibration, type FileObject, isFinalBatch, type Probe, type RouteObject } from '@weft/protocol'
import { routeMoved } from '../src/adapters/errors.ts'
import { fileInUse } from '../src/errors.ts'
import { idempotencyKeyInUse } from '../src/idempotency/errors.ts'
import { newFileId, nowSeconds } from '../src/identifiers.ts'
import type { BatchRecord } from '../src/stores/batches.ts'
import type { JobRecord } from '../src/stores/jobs.ts'
import type { StoredObject } from '../src/stores/objects/stored-object.ts'
import type { TrustedKey } from '../src/stores/signing-keys.ts'
import type { AllBatches, AllJobs, OpenStores, TenantStores } from '../src/stores/tenant-stores.ts'
import type { AllKeys, StoredKey } from '../src/stores/tenants/keys.ts'
import type { Share } from '../src/stores/tenants/shares.ts'
import type { AllUsage } from '../src/stores/usage.ts'
import { memoryIdempotencyKeys } from './idempotency/memory-idempotency-keys.ts'
import { memoryAdapters } from './memory-adapters.ts'
import { memoryAuditLog } from './memory-audit-log.ts'
import { memoryAllKeys, memoryKeys } from './memory-keys.ts'
import { memoryPolicy } from './memory-policy.ts'
import { memoryResponses } from './memory-responses.ts'
import { memoryShares } from './memory-shares.ts'
import { pageOf, Table } from './memory-table.ts'
import { MemoryUsage } from './memory-usage.ts'

const isUnfinishedBatch = ({ batch }: BatchRecord): boolean => !isFinalBatch(batch.status)
const isUnfinished = ({ job }: JobRecord): boolean => job.finishedAt === null

/** Every tenant's stores, in the memory of one process. */
export function memoryStores(): { open: OpenStores; allJobs: AllJobs; allKeys: AllKeys; allBatches: AllBatches; allUsage: AllUsage } {
  const common: Common = { keys: new Table(), shares: new Table(), usage: new MemoryUsage() }
  const held = new Map<string, ReturnType<typeof storesOf>>()
  const open = (tenant: string): ReturnType<typeof storesOf> => {
    const known = held.get(tenant)
    if (known) return known
    const made = storesOf(tenant, open, common)
    held.set(tenant, made)
    return made
  }
  const records = (): JobRecord[] => [...held.values()].flatMap(({ records }) => records.all())
  const allBatches = (): BatchRecord[] => [...held.values()].flatMap(({ batchRecords }) => batchRecords.all())
  return {
    open,
    allBatches: {
      get: async (id) => allBatches().find(({ batch }) => batch.id === id),
      unfinished: async () =>
        allBatches()
          .filter(isUnfinishedBatch)
          .map(({ batch }) => batch.id),
    },
    allUsage: common.usage,
    allKeys: memoryAllKeys(common.keys),
    allJobs: {
      get: async (id) => records().find(({ job }) => job.id === id),
      unfinished: async () =>
        records()
          .filter(isUnfinished)
          .map(({ job }) => job.id),
    },
  }
}

/** Tables that tell whose a row is. */
interface Common {
  keys: Table<StoredKey>
  shares: Table<Share>
  usage: MemoryUsage
}

function storesOf(tenant: string, open: OpenStores, common: Common): TenantStores & { records: Table<JobRecord>; batchRecords: Table<BatchRecord> } {
  const bytes = new Table<Uint8Array>()
  const files = new Table<FileObject>()
  const records = new Table<JobRecord>()
  const batches = new Table<BatchRecord>()
  const routes = new Table<RouteObject>()
  const routeVersions: RouteObject[] = []
  const probes = new Map<string, readonly Probe[]>()
  const calibrations = new Table<Calibration>()
  const signingKeys = new Table<TrustedKey>()
  const unfinished = () => records.all().filter(isUnfinished)

  const { names, aliases } = memoryAdapters(
    tenant,
    (refs) =>
      unfinished()
        .filter(({ spec }) => [...spec.required, ...(spec.silentOn ?? [])].some(({ ref }) => refs.includes(ref)))
        .map(({ job }) => job.id),
    () => routes.all().map(({ composition }) => composition),
  )
  const listed = (isOne: (id: string) => boolean): StoredObject[] =>
    bytes.keys().flatMap((id) => (isOne(id) ? [{ id, bytes: bytes.get(id)!.byteLength, storedAt: bytes.setAt(id) }] : []))

  return {
    tenant,
    records,
    batchRecords: batches,
    keys: memoryKeys(common.keys, tenant),
    shares: memoryShares(common.shares, tenant),
    audit: memoryAuditLog(tenant),
    policy: memoryPolicy(),
    usage: common.usage.of(tenant),
    names,
    aliases,
    blobsOf: (adapter) => open(adapter.tenant).blobs,
    blobs: {
      get: async (digest) => bytes.get(digest),
      has: async (digest) => bytes.get(digest) !== undefined,
      read: async (digest, start, end) => bytes.get(digest)?.slice(start, end),
      isWhole: async (digest) => (await sha256(bytes.get(digest) ?? new Uint8Array())) === digest,
      put: async (digest, content) => bytes.set(digest, content),
      delete: async (digest) => void bytes.delete(digest),
      list: async () => listed((id) => id.startsWith('sha256:')),
    },
    files: {
      newId: (seconds) => newFileId(tenant, seconds),
      async write(id, content) {
        const pieces: Uint8Array<ArrayBuffer>[] = []
        for await (const piece of content) pieces.push(new Uint8Array(piece))
        const stored = new Uint8Array(await new Blob(pieces).arrayBuffer())
        bytes.set(id, stored)
        return { bytes: stored.byteLength, digest: await sha256(stored) }
      },
      put: async (file) => void files.set(file.id, file),
      async drop(id) {
        if (!files.get(id)) bytes.delete(id)
      },
      get: async (id) => files.get(id),
      // What was deleted leaves no place here: pages go by what is there.
      isOrWas: async (id) => files.get(id) !== undefined,
      content: async (id) => bytes.get(id),
      digest: async (id) => {
        const content = bytes.get(id)
        return content && sha256(content)
      },
      stream: async (id, from = 0) => {
        const content = bytes.get(id)
        return content && (new Blob([content.slice(from)]).stream() as ReadableStream<Uint8Array>)
      },
      async list(page) {
        const { page: data, hasMore } = pageOf(
          files.all().filter(({ purpose }) => page.purpose === undefined || purpose === page.purpose),
          ({ id }) => id,
          page,
        )
        return { files: data, hasMore }
      },
      contents: async () => listed((id) => /^file-/.test(id)),
      async collect(id) {
        const held = unfinished().some(({ job }) => [job.trainingFile, job.validationFile, job.foreignFile].includes(id))
        const read = batches.all().some((record) => isUnfinishedBatch(record) && record.batch.inputFileId === id)
        if (held || read) return false
        files.delete(id)
        return bytes.delete(id)
      },
      async delete(id) {
        const names = ({ job }: JobRecord): boolean => [job.trainingFile, job.validationFile, job.foreignFile].includes(id)
        const isBeside = ({ job }: JobRecord, other: JobRecord): boolean =>
          job.settles !== undefined && other.job.settles !== undefined && job.joint === other.job.joint
        const users = unfinished().filter((record) => names(record) || records.all().some((other) => isBeside(record, other) && names(other)))
        const readers = batches.all().filter((record) => isUnfinishedBatch(record) && record.batch.inputFileId === id)
        if (users.length + readers.length) throw fileInUse(id, [...users.map(({ job }) => job.id), ...readers.map(({ batch }) => batch.id)])
        bytes.delete(id)
        return files.delete(id)
      },
    },
    jobs: {
      async create(made) {
        if (made.some(({ job }) => records.get(job.id))) throw idempotencyKeyInUse()
        for (const record of made) records.set(record.job.id, { ...record, tenant })
      },
      save: async (record) => records.set(record.job.id, { ...record, tenant }),
      async delete(ids) {
        for (const id of ids) records.delete(id)
      },
      unfinishedOf: async (principals) =>
        unfinished()
          .filter(({ by }) => by !== undefined && principals.includes(by))
          .map(({ job }) => job.id),
      get: async (id) => records.get(id),
      getAll: async (ids) => records.all().filter(({ job }) => ids.includes(job.id)),
      settledIn: async (settlement) =>
        records
          .all()
          .map(({ job }) => job)
          .filter(({ joint, settles }) => settles !== undefined && joint === settlement),
      async list(page) {
        const { page: data, hasMore } = pageOf(records.all(), ({ job }) => job.id, page)
        return { jobs: data.map(({ job }) => job), hasMore }
      },
    },
    batches: {
      create: async (record) => {
        if (batches.get(record.batch.id)) throw idempotencyKeyInUse()
        batches.set(record.batch.id, record)
      },
      save: async (record) => batches.set(record.batch.id, record),
      delete: async (id) => void batches.delete(id),
      unfinishedOf: async (principals) =>
        batches
          .all()
          .filter((record) => isUnfinishedBatch(record) && principals.includes(record.principal.id))
          .map(({ batch }) => batch.id),
      unfinishedOn: async (route) =>
        batches
          .all()
          .filter((record) => isUnfinishedBatch(record) && record.pins && Object.hasOwn(record.pins.routes, route))
          .map(({ batch }) => batch.id),
      get: async (id) => batches.get(id),
      getAll: async (ids) => batches.all().filter(({ batch }) => ids.includes(batch.id)),
      async list(page) {
        const { page: data, hasMore } = pageOf(batches.all(), ({ batch }) => batch.id, page)
        return { batches: data.map(({ batch }) => batch), hasMore }
      },
    },
    routes: {
      get: async (name) => routes.get(name),
      list: async () => routes.all(),
      async put(route, expected) {
        const there = routes.get(route.name)?.version ?? null
        if (expected !== undefined && expected !== there) throw routeMoved(route.name, there)
        const made = { ...route, version: 1 + routeVersions.filter(({ name }) => name === route.name).length }
        routeVersions.push(made)
        routes.set(made.name, made)
        return made
      },
      async delete(name, expected) {
        const there = routes.get(name)?.version
        if (there !== undefined && expected !== undefined && expected !== there) throw routeMoved(name, there)
        return routes.delete(name)
      },
      versions: async (name) => routeVersions.filter((route) => route.name === name).toReversed(),
      history: async (names) => routeVersions.filter((route) => names.includes(route.name)).toReversed(),
    },
    probes: {
      get: async (digests) => new Map(digests.flatMap((digest) => (probes.has(digest) ? [[digest, structuredClone([...probes.get(digest)!])] as const] : []))),
      put: async (digest, given) => void probes.set(digest, structuredClone(given)),
      delete: async (digests) => digests.filter((digest) => probes.delete(digest)),
    },
    calibrations: {
      get: async (key, choices = []) => calibrations.get(JSON.stringify([key, choices])),
      list: async () => calibrations.all(),
      put: async (calibration) => calibrations.set(JSON.stringify([calibration.key, calibration.choices ?? []]), calibration),
      delete: async (key, choices = []) => calibrations.delete(JSON.stringify([key, choices])),
    },
    responses: memoryResponses(nowSeconds),
    idempotencyKeys: memoryIdempotencyKeys(nowSeconds),
    signingKeys: {
      list: async () => signingKeys.all(),
      put: async (key) => signingKeys.set(key.id, key),
      delete: async (id) => signingKeys.delete(id),
    },
    checkpoints: {
      put: async (job, step, content) => bytes.set(`${job}/${step}`, content),
      get: async (job, step) => bytes.get(`${job}/${step}`),
      delete: async (job, step) => void bytes.delete(`${job}/${step}`),
      list: async () => listed((id) => id.includes('/')),
    },
  }
}
