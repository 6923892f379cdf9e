import type { Calibration, FileObject, RouteObject } from '@weft/protocol'
import { adapterInUse, fileInUse } from '../src/errors.ts'
import type { AdapterNames, AdapterVersion } from '../src/stores/adapter-names.ts'
import type { JobRecord } from '../src/stores/jobs.ts'
import type { AllJobs, OpenStores, TenantStores } from '../src/stores/tenant-stores.ts'

/** Values by key, copied as they go in and out, as a store's are. */
class Table<T> {
  readonly #held = new Map<string, T>()
  get = (key: string): T | undefined => structuredClone(this.#held.get(key))
  set = (key: string, value: T): void => void this.#held.set(key, structuredClone(value))
  delete = (key: string): boolean => this.#held.delete(key)
  all = (): T[] => [...this.#held.values()].map((value) => structuredClone(value))
}

/** A page, newest first. */
function pageOf<T>(all: T[], idOf: (item: T) => string, { after, limit }: { after?: string | undefined; limit: number }): { page: T[]; hasMore: boolean } {
  const newest = all.toReversed()
  const behind = after === undefined ? newest : newest.slice(newest.findIndex((item) => idOf(item) === after) + 1)
  return { page: behind.slice(0, limit), hasMore: behind.length > limit }
}

const isUnfinished = ({ job }: JobRecord): boolean => job.finishedAt === null

/** Every tenant's stores, in the memory of one process. */
export function memoryStores(): { open: OpenStores; allJobs: AllJobs } {
  const held = new Map<string, ReturnType<typeof storesOf>>()
  const open = (tenant: string): ReturnType<typeof storesOf> => {
    const known = held.get(tenant)
    if (known) return known
    const made = storesOf(tenant, open)
    held.set(tenant, made)
    return made
  }
  const records = (): JobRecord[] => [...held.values()].flatMap(({ records }) => records.all())
  return {
    open,
    allJobs: {
      get: async (id) => records().find(({ job }) => job.id === id),
      unfinished: async () =>
        records()
          .filter(isUnfinished)
          .map(({ job }) => job.id),
    },
  }
}

function storesOf(tenant: string, open: OpenStores): TenantStores & { records: Table<JobRecord> } {
  const bytes = new Table<Uint8Array>()
  const files = new Table<FileObject>()
  const records = new Table<JobRecord>()
  const routes = new Table<RouteObject>()
  const calibrations = new Table<Calibration>()
  let versions: AdapterVersion[] = []
  const gone: AdapterVersion[] = []
  const named = (name: string) => versions.filter((version) => version.name === name).toReversed()
  const unfinished = () => records.all().filter(isUnfinished)

  const names: AdapterNames = {
    async publish({ jobId, ...publication }) {
      const known = jobId === undefined ? undefined : versions.find((version) => version.jobId === jobId)
      if (known) return known
      const version = 1 + Math.max(0, ...[...versions, ...gone].filter(({ name }) => name === publication.name).map((each) => each.version))
      const published = { ...publication, tenant, version, jobId: jobId ?? null, createdAt: Math.floor(Date.now() / 1000) }
      versions.push(published)
      return published
    },
    find: async (name, version) => named(name).find((each) => version === undefined || each.version === version),
    findAll: (refs) => Promise.all(refs.map(({ name, version, digest }) => (digest ? names.findByDigest(digest, name) : names.find(name, version)))),
    findByDigest: async (digest, name) => versions.find((each) => each.digest === digest && (name === undefined || each.name === name)),
    findByJob: async (jobId) => [...versions, ...gone].find((each) => each.jobId === jobId),
    versions: async (name) => named(name),
    list: async () => versions,
    names: async () => [...new Set(versions.map(({ name }) => name))],
    async remove(name, version) {
      const taken = named(name).filter((each) => version === undefined || each.version === version)
      const refs = taken.map((each) => `${each.name}@${each.version}`)
      const users = unfinished().filter(({ spec }) => spec.required.some(({ ref }) => refs.includes(ref)))
      if (users.length)
        throw adapterInUse(
          name,
          users.map(({ job }) => job.id),
        )
      versions = versions.filter((each) => !taken.includes(each))
      gone.push(...taken)
      return taken
    },
  }

  return {
    tenant,
    records,
    names,
    blobsOf: (adapter) => open(adapter.tenant).blobs,
    blobs: {
      get: async (digest) => bytes.get(digest),
      has: async (digest) => bytes.get(digest) !== undefined,
      put: async (digest, content) => bytes.set(digest, content),
      delete: async (digest) => void bytes.delete(digest),
    },
    files: {
      async put(file, content) {
        bytes.set(file.id, content)
        files.set(file.id, file)
      },
      get: async (id) => files.get(id),
      content: async (id) => bytes.get(id),
      async list(page) {
        const { page: data, hasMore } = pageOf(files.all(), ({ id }) => id, page)
        return { files: data, hasMore }
      },
      async delete(id) {
        const users = unfinished().filter(({ job }) => [job.trainingFile, job.validationFile, job.foreignFile].includes(id))
        if (users.length)
          throw fileInUse(
            id,
            users.map(({ job }) => job.id),
          )
        bytes.delete(id)
        return files.delete(id)
      },
    },
    jobs: {
      create: async (record) => records.set(record.job.id, { ...record, tenant }),
      save: async (record) => records.set(record.job.id, { ...record, tenant }),
      delete: async (id) => void records.delete(id),
      get: async (id) => records.get(id),
      async list(page) {
        const { page: data, hasMore } = pageOf(records.all(), ({ job }) => job.id, page)
        return { jobs: data.map(({ job }) => job), hasMore }
      },
    },
    routes: {
      get: async (name) => routes.get(name),
      list: async () => routes.all(),
      put: async (route) => routes.set(route.name, route),
      delete: async (name) => routes.delete(name),
    },
    calibrations: {
      get: async (key, choices = []) => calibrations.get(JSON.stringify([key, choices])),
      put: async (calibration) => calibrations.set(JSON.stringify([calibration.key, calibration.choices ?? []]), calibration),
      delete: async (key, choices = []) => calibrations.delete(JSON.stringify([key, choices])),
    },
    checkpoints: {
      put: async (job, step, content) => bytes.set(`${job}/${step}`, content),
      get: async (job, step) => bytes.get(`${job}/${step}`),
      delete: async (job, step) => void bytes.delete(`${job}/${step}`),
    },
  }
}
