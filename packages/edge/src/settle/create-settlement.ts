import { adapterRefs, type Canonical, canonical, digestsOf, isOfAnyBase, print, splitModel, toWire } from '@weft/adapters'
import { compositionsOf, createJobSchema, type CreateJob as JobFields, type Settling, settledTraining, settlingSteps } from '@weft/protocol'
import { adapterId } from '../adapters/adapter-object.ts'
import type { CreateJob } from '../jobs/create-job.ts'
import { resolvedOf } from '../resolve/adapter-refs.ts'
import { findNamed, jobTraining } from '../resolve/find-named.ts'
import { defaultModel, type ModelCatalog } from '../resolve/model-catalog.ts'
import { inField, parseField } from '../resolve/parse-field.ts'
import { withVersions } from '../resolve/with-versions.ts'
import type { AdapterVersion } from '../stores/adapter-names.ts'
import type { JobRecord } from '../stores/jobs.ts'
import type { PrincipalStores } from '../stores/tenants/open-for-principal.ts'
import {
  settleAlone,
  settleAuto,
  settleBasesDiffer,
  settleComputed,
  settleHead,
  settleRouteVaries,
  settleRuns,
  settleShared,
  settleStill,
  settleVersions,
} from './errors.ts'
import { pinSettled, settledOf } from './settled-probes.ts'

export interface NewSettlement {
  /** The word that its jobs share: they train in one batch. */
  id: string
  /** With versions. */
  expression: string
  records: JobRecord[]
}

export type CreateSettlement = (settling: Settling, stores: PrincipalStores, id: string) => Promise<NewSettlement>

interface Dependencies {
  create: CreateJob
  catalog: Pick<ModelCatalog, 'list' | 'names'>
}

/**
 * One job for each adapter of a stack, all in one batch: it keeps its own task, and is silent on what the others are asked and answer. Texts in the expression
 * have nothing to learn. A route is the stack that it stands for. Errors: `settle_…`, and those of naming adapters and creating jobs.
 */
export const createSettlement =
  ({ create, catalog }: Dependencies): CreateSettlement =>
  async (settling, stores, id) => {
    const written = await stackOf(settling.expression, stores)
    const models = await catalog.names()
    const parsed = parseField(written, 'expression')
    const { model: named, rest } = inField('expression', () => splitModel(parsed, models, ''))
    if (rest?.kind === 'auto') throw settleAuto(written)
    const found = rest ? await findNamed(stores, adapterRefs(rest), 'expression', models) : new Map<string, AdapterVersion>()
    const expression = rest ? print(withVersions(rest, found)) : written
    const adapters = [...new Map([...found.values()].map((adapter) => [adapterId(adapter), adapter])).values()].filter(({ manifest }) => !isOfAnyBase(manifest))
    check(adapters, written, stores.tenant)
    const acting = rest ? actingIn(canonical(rest, resolvedOf(found))) : []
    const still = adapters.find(({ digest }) => !acting.includes(digest))
    if (still) throw settleStill(adapterId(still), written)
    await checkIdle(adapters, stores.jobs)
    const stack = await Promise.all(
      adapters.map(async (adapter) => {
        const settled = await settledOf(stores, adapter)
        return { adapter, files: settled.files, pinned: await pinSettled(adapter, settled) }
      }),
    )

    // What a deployment calls a base is not what the adapters' files call it. While the runner is away, the default is meant; it is compared when one takes the jobs.
    const held = named ? [] : await catalog.list().catch(() => [])
    const model = named || (held.find(({ fingerprint }) => fingerprint === adapters[0]!.manifest.base.fingerprint)?.name ?? defaultModel)
    const asked = { ...settling, steps: settling.steps ?? settlingSteps(adapters.map(({ manifest }) => manifest.training?.steps)) }
    const records: JobRecord[] = []
    for (const { adapter, files, pinned } of stack) {
      const { method, config, training, lineage } = adapter.manifest
      const { settles, ...fields } = settledTraining(adapterId(adapter), expression, asked, training)
      const body: Partial<JobFields> = {
        ...fields,
        // What it was trained over lies beneath it when it keeps its task, too.
        ...(lineage.on === undefined ? {} : { on: lineage.on }),
        hyperparameters: fields.hyperparameters as JobFields['hyperparameters'],
        model,
        trainingFile: files.training,
        // Where it was measured on a file of its own, it has learned every row of the other.
        ...(files.validation === undefined ? {} : { validationFile: files.validation }),
        suffix: adapter.name,
        method: { type: method, [method]: config } as JobFields['method'],
        joint: id,
        seed: settling.seed ?? training?.seed ?? 0,
        ...(settling.metadata ? { metadata: settling.metadata } : {}),
      }
      records.push(
        await create(toWire(createJobSchema, body), stores, { settles, silentOn: stack.flatMap((other) => (other.pinned === pinned ? [] : [other.pinned])) }),
      )
    }
    return { id, expression, records }
  }

/** Digests of what would run: inside the model, or in the operands that meet at its output. */
const actingIn = ({ terms, outputs }: Canonical): string[] =>
  digestsOf([...terms, ...(outputs?.operands.flatMap(({ weight, composition }) => (weight === 0 ? [] : composition.terms)) ?? [])])

/** What a route stands for; anything else as it is written. Error `settle_route_varies` where it stands for several compositions. */
async function stackOf(expression: string, { routes }: Pick<PrincipalStores, 'routes'>): Promise<string> {
  const route = await routes.get(expression.trim())
  if (!route) return expression
  const [composition, ...others] = new Set(compositionsOf(route).map((of) => of.composition))
  if (others.length > 0) throw settleRouteVaries(route.name, [composition!, ...others])
  return composition!
}

function check(adapters: readonly AdapterVersion[], expression: string, tenant: string): void {
  for (const [name, versions] of Map.groupBy(adapters, ({ name }) => name)) if (versions.length > 1) throw settleVersions(name, versions.map(adapterId))
  if (adapters.length < 2) throw settleAlone(expression)
  const heads = adapters.filter(({ manifest }) => manifest.sites.includes('head'))
  if (heads.length > 0) throw settleHead(heads.map(adapterId))
  const computed = adapters.filter(({ manifest: { lineage } }) => lineage.pairs ?? lineage.document)
  if (computed.length > 0) throw settleComputed(computed.map(adapterId))
  if (new Set(adapters.map(({ manifest }) => manifest.base.fingerprint)).size > 1)
    throw settleBasesDiffer(adapters.map((adapter) => ({ id: adapterId(adapter), base: adapter.manifest.base.name })))
  const shared = adapters.find((adapter) => adapter.tenant !== tenant)
  if (shared) throw settleShared(adapterId(shared), shared.tenant)
}

/** What is settled twice at once would go on from the same versions, and what ends last would have nothing of the other. */
async function checkIdle(adapters: readonly AdapterVersion[], jobs: PrincipalStores['jobs']): Promise<void> {
  for (const { name } of adapters) {
    const job = await jobTraining(name, jobs, ({ settles }) => settles !== undefined)
    if (job) throw settleRuns(name, job)
  }
}
