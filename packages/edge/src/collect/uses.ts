import { type AdapterRef, adapterRefs, latest, parse } from '@weft/adapters'
import { compositionsOf, isFinal, isFinalBatch, type RouteObject } from '@weft/protocol'
import { adapterId } from '../adapters/adapter-object.ts'
import type { TenantStores } from '../stores/tenant-stores.ts'

/**
 * What a version or a file is used by. What is calibrated and what a route may be rolled back to are kept by garbage collection alone.
 */
export type UserKind = 'bare name' | 'alias' | 'route' | 'route version' | 'calibration' | 'adapter' | 'job' | 'batch'

export interface Use {
  kind: UserKind
  /** Its name or id. */
  by: string
  /** In words: why a thing stays. */
  why: string
}

/** What uses what. */
export interface Uses {
  /** By `name@version`. */
  versions: ReadonlyMap<string, readonly Use[]>
  /** By a file's id. */
  files: ReadonlyMap<string, readonly Use[]>
  /** Ids of jobs that have not ended. */
  unfinishedJobs: ReadonlySet<string>
  /** Batches of which nobody knows yet what they ask: everything stays for them. */
  unreadBatches: readonly string[]
}

/** Adapters that one question looks up, and records: on Cloudflare an invocation has a thousand questions, and an answer some megabytes. */
const adaptersAtOnce = 500
const recordsAtOnce = 20

/** Answers to all of a list, some of it at a time. */
async function inParts<T, R>(all: readonly T[], atOnce: number, ask: (some: T[]) => Promise<R[]>): Promise<R[]> {
  const answers: R[] = []
  for (let at = 0; at < all.length; at += atOnce) answers.push(...(await ask(all.slice(at, at + atOnce))))
  return answers
}

/** Pages of a list, one after the other. */
async function everything<T extends { id: string }>(page: (after: string | undefined) => Promise<{ items: T[]; hasMore: boolean }>): Promise<T[]> {
  const all: T[] = []
  for (let hasMore = true; hasMore; ) {
    const next = await page(all.at(-1)?.id)
    all.push(...next.items)
    hasMore = next.hasMore && next.items.length > 0
  }
  return all
}

/** The adapters that an expression names; none where it is no expression, which then names nothing that could be used. */
export const refsOf = (expression: string): AdapterRef[] => {
  try {
    return adapterRefs(parse(expression))
  } catch {
    return []
  }
}

/** All that a tenant's routes, aliases, jobs, batches, calibrations and bare names use now. */
export async function usesOf({
  names,
  aliases,
  routes,
  jobs,
  batches,
  calibrations,
}: Pick<TenantStores, 'names' | 'aliases' | 'routes' | 'jobs' | 'batches' | 'calibrations'>): Promise<Uses> {
  const versions = new Map<string, Use[]>()
  const files = new Map<string, Use[]>()
  const add = (to: Map<string, Use[]>, id: string, use: Use): void => {
    const known = to.get(id)
    if (!known) to.set(id, [use])
    else if (!known.some(({ why }) => why === use.why)) known.push(use)
  }
  // What expressions name is looked up all at once, when all of them are known.
  const named: { ref: AdapterRef; use: Use }[] = []
  const addExpressions = (expressions: readonly string[], use: Use): void => {
    for (const expression of expressions) for (const ref of refsOf(expression)) named.push({ ref, use })
  }
  const expressionsOf = (route: RouteObject | undefined): string[] => (route ? compositionsOf(route).map(({ composition }) => composition) : [])

  for (const { name, alias, version } of await aliases.list())
    add(
      versions,
      `${name}@${version}`,
      alias === latest
        ? { kind: 'bare name', by: name, why: `"${name}" stands for it` }
        : { kind: 'alias', by: `${name}@${alias}`, why: `the alias "${name}@${alias}" stands for it` },
    )
  const everyRoute = await routes.list()
  for (const route of everyRoute) addExpressions(expressionsOf(route), { kind: 'route', by: route.name, why: `the route "${route.name}" uses it` })
  // What a route may be rolled back to.
  const current = new Map(everyRoute.map(({ name, version }) => [name, version]))
  for (const route of await routes.history([...current.keys()])) {
    const { name, version } = route
    if (version !== current.get(name))
      addExpressions(expressionsOf(route), { kind: 'route version', by: name, why: `version ${version} of the route "${name}" uses it` })
  }
  for (const version of await names.list()) {
    const { on } = version.manifest.lineage
    if (on !== undefined) addExpressions([on], { kind: 'adapter', by: adapterId(version), why: `"${adapterId(version)}" was trained over it` })
  }
  // What was calibrated is a composition of versions; before these were written down, any that was there may be meant.
  for (const { model, expression, createdAt } of await calibrations.list()) {
    const use: Use = { kind: 'calibration', by: model, why: `a calibration of "${model}" is for it` }
    if (expression !== undefined) addExpressions([expression], use)
    else
      for (const { name } of refsOf(model))
        for (const version of await names.versions(name)) if (version.createdAt <= createdAt) add(versions, adapterId(version), use)
  }

  const unfinishedJobs = new Set<string>()
  const everyJob = await everything(async (after) => {
    const { jobs: items, hasMore } = await jobs.list({ after, limit: 500 })
    return { items, hasMore }
  })
  for (const job of everyJob) {
    for (const id of [job.trainingFile, job.validationFile, job.foreignFile, ...(job.resultFiles ?? [])])
      if (id) add(files, id, { kind: 'job', by: job.id, why: `it belongs to the job "${job.id}"` })
    if (!isFinal(job.status)) unfinishedJobs.add(job.id)
  }
  for (const { job, spec } of await inParts([...unfinishedJobs], recordsAtOnce, jobs.getAll))
    for (const { ref } of [...spec.required, ...(spec.silentOn ?? [])]) add(versions, ref, { kind: 'job', by: job.id, why: `the job "${job.id}" needs it` })

  const unreadBatches: string[] = []
  const everyBatch = await everything(async (after) => {
    const { batches: items, hasMore } = await batches.list({ after, limit: 100 })
    return { items, hasMore }
  })
  const unfinishedBatches = everyBatch.filter(({ status }) => !isFinalBatch(status)).map(({ id }) => id)
  for (const batch of everyBatch)
    for (const id of [batch.inputFileId, batch.outputFileId, batch.errorFileId])
      if (id) add(files, id, { kind: 'batch', by: batch.id, why: `it belongs to the batch "${batch.id}"` })
  for (const { batch, models, pins } of await inParts(unfinishedBatches, recordsAtOnce, batches.getAll)) {
    if (models.length === 0) unreadBatches.push(batch.id)
    const use: Use = { kind: 'batch', by: batch.id, why: `the batch "${batch.id}" asks for it` }
    if (pins) {
      for (const { id } of Object.values(pins.adapters)) add(versions, id, use)
      continue
    }
    // Batches that were read before names were pinned.
    for (const model of models) {
      const route = await routes.get(model)
      addExpressions(route ? expressionsOf(route) : [model], use)
    }
  }
  const spellings = new Map(named.map(({ ref }) => [JSON.stringify(ref), ref]))
  const found = await inParts([...spellings], adaptersAtOnce, async (some) => {
    const adapters = await names.findAll(some.map(([, ref]) => ref))
    return some.map(([spelling], at) => [spelling, adapters[at]] as const)
  })
  const standsFor = new Map(found)
  for (const { ref, use } of named) {
    const adapter = standsFor.get(JSON.stringify(ref))
    if (adapter) add(versions, adapterId(adapter), use)
  }
  return { versions, files, unfinishedJobs, unreadBatches }
}
