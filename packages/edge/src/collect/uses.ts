import { type AdapterRef, adapterRefs, latest, parse } from '@weft/adapters'
import { isFinal, isFinalBatch } from '@weft/protocol'
import { adapterId } from '../adapters/adapter-object.ts'
import type { TenantStores } from '../stores/tenant-stores.ts'

/** What uses what, in words: why a thing stays. */
export interface Uses {
  /** By `name@version`. */
  versions: ReadonlyMap<string, readonly string[]>
  /** By a file's id. */
  files: ReadonlyMap<string, readonly string[]>
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
const refsOf = (expression: string): AdapterRef[] => {
  try {
    return adapterRefs(parse(expression))
  } catch {
    return []
  }
}

/** Every text in a value: whichever of them a route means as an expression, none is missed. */
const textsIn = (value: unknown): string[] => {
  if (typeof value === 'string') return [value]
  return value === null || typeof value !== 'object' ? [] : Object.values(value).flatMap(textsIn)
}

/** All that a tenant's routes, aliases, jobs, batches, calibrations and bare names use now. */
export async function usesOf({ names, aliases, routes, jobs, batches, calibrations }: TenantStores): Promise<Uses> {
  const versions = new Map<string, string[]>()
  const files = new Map<string, string[]>()
  const add = (to: Map<string, string[]>, id: string, why: string): void => {
    const known = to.get(id)
    if (!known) to.set(id, [why])
    else if (!known.includes(why)) known.push(why)
  }
  const addExpressions = async (expressions: readonly (readonly [expression: string, why: string])[]): Promise<void> => {
    for (const [expression, why] of expressions) {
      const refs = refsOf(expression)
      for (const adapter of refs.length ? await names.findAll(refs) : []) if (adapter) add(versions, adapterId(adapter), why)
    }
  }

  for (const { name, alias, version } of await aliases.list())
    add(versions, `${name}@${version}`, alias === latest ? `"${name}" stands for it` : `the alias "${name}@${alias}" stands for it`)
  for (const { name } of await routes.list()) {
    const [now, ...before] = [await routes.get(name), ...(await routes.versions(name))]
    await addExpressions(textsIn(now).map((text) => [text, `the route "${name}" uses it`]))
    // What a route may be rolled back to.
    for (const route of before)
      if (route.version !== now?.version) await addExpressions(textsIn(route).map((text) => [text, `version ${route.version} of the route "${name}" uses it`]))
  }
  // What was calibrated is a composition of versions; before these were written down, any that was there may be meant.
  for (const { model, expression, createdAt } of await calibrations.list()) {
    const why = `a calibration of "${model}" is for it`
    if (expression !== undefined) await addExpressions([[expression, why]])
    else
      for (const { name } of refsOf(model))
        for (const version of await names.versions(name)) if (version.createdAt <= createdAt) add(versions, adapterId(version), why)
  }

  const unfinishedJobs = new Set<string>()
  const everyJob = await everything(async (after) => {
    const { jobs: items, hasMore } = await jobs.list({ after, limit: 100 })
    return { items, hasMore }
  })
  for (const job of everyJob) {
    for (const id of [job.trainingFile, job.validationFile, job.foreignFile, ...(job.resultFiles ?? [])])
      if (id) add(files, id, `it belongs to the job "${job.id}"`)
    if (isFinal(job.status)) continue
    unfinishedJobs.add(job.id)
    const record = await jobs.get(job.id)
    for (const { ref } of record?.spec.required ?? []) add(versions, ref, `the job "${job.id}" needs it`)
  }

  const unreadBatches: string[] = []
  const everyBatch = await everything(async (after) => {
    const { batches: items, hasMore } = await batches.list({ after, limit: 100 })
    return { items, hasMore }
  })
  for (const batch of everyBatch) {
    for (const id of [batch.inputFileId, batch.outputFileId, batch.errorFileId]) if (id) add(files, id, `it belongs to the batch "${batch.id}"`)
    if (isFinalBatch(batch.status)) continue
    const models = (await batches.get(batch.id))?.models ?? []
    if (models.length === 0) unreadBatches.push(batch.id)
    const composed = await Promise.all(models.map(async (model) => (await routes.get(model))?.composition ?? model))
    await addExpressions(composed.map((model) => [model, `the batch "${batch.id}" asks for it`]))
  }
  return { versions, files, unfinishedJobs, unreadBatches }
}
