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
  const addExpressions = async (expressions: readonly string[], use: Use): Promise<void> => {
    for (const expression of expressions) {
      const refs = refsOf(expression)
      for (const adapter of refs.length ? await names.findAll(refs) : []) if (adapter) add(versions, adapterId(adapter), use)
    }
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
  for (const { name } of await routes.list()) {
    const [now, ...before] = [await routes.get(name), ...(await routes.versions(name))]
    await addExpressions(expressionsOf(now), { kind: 'route', by: name, why: `the route "${name}" uses it` })
    // What a route may be rolled back to.
    for (const route of before)
      if (route.version !== now?.version)
        await addExpressions(expressionsOf(route), { kind: 'route version', by: name, why: `version ${route.version} of the route "${name}" uses it` })
  }
  for (const version of await names.list()) {
    const { on } = version.manifest.lineage
    if (on !== undefined) await addExpressions([on], { kind: 'adapter', by: adapterId(version), why: `"${adapterId(version)}" was trained over it` })
  }
  // What was calibrated is a composition of versions; before these were written down, any that was there may be meant.
  for (const { model, expression, createdAt } of await calibrations.list()) {
    const use: Use = { kind: 'calibration', by: model, why: `a calibration of "${model}" is for it` }
    if (expression !== undefined) await addExpressions([expression], use)
    else
      for (const { name } of refsOf(model))
        for (const version of await names.versions(name)) if (version.createdAt <= createdAt) add(versions, adapterId(version), use)
  }

  const unfinishedJobs = new Set<string>()
  const everyJob = await everything(async (after) => {
    const { jobs: items, hasMore } = await jobs.list({ after, limit: 100 })
    return { items, hasMore }
  })
  for (const job of everyJob) {
    for (const id of [job.trainingFile, job.validationFile, job.foreignFile, ...(job.resultFiles ?? [])])
      if (id) add(files, id, { kind: 'job', by: job.id, why: `it belongs to the job "${job.id}"` })
    if (isFinal(job.status)) continue
    unfinishedJobs.add(job.id)
    const record = await jobs.get(job.id)
    for (const { ref } of record ? [...record.spec.required, ...(record.spec.silentOn ?? [])] : [])
      add(versions, ref, { kind: 'job', by: job.id, why: `the job "${job.id}" needs it` })
  }

  const unreadBatches: string[] = []
  const everyBatch = await everything(async (after) => {
    const { batches: items, hasMore } = await batches.list({ after, limit: 100 })
    return { items, hasMore }
  })
  for (const batch of everyBatch) {
    for (const id of [batch.inputFileId, batch.outputFileId, batch.errorFileId])
      if (id) add(files, id, { kind: 'batch', by: batch.id, why: `it belongs to the batch "${batch.id}"` })
    if (isFinalBatch(batch.status)) continue
    const { models = [], pins } = (await batches.get(batch.id)) ?? {}
    if (models.length === 0) unreadBatches.push(batch.id)
    const use: Use = { kind: 'batch', by: batch.id, why: `the batch "${batch.id}" asks for it` }
    if (pins) {
      for (const { id } of Object.values(pins.adapters)) add(versions, id, use)
      continue
    }
    // Batches that were read before names were pinned.
    for (const model of models) {
      const route = await routes.get(model)
      await addExpressions(route ? expressionsOf(route) : [model], use)
    }
  }
  return { versions, files, unfinishedJobs, unreadBatches }
}
