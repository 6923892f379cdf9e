import {
  type AdapterRef,
  adapterRefs,
  type Canonical,
  canonical,
  compositionKey,
  digestsOf,
  type Expression,
  errors,
  nearest,
  operandLevel,
  parse,
  print,
  splitModel,
} from '@weft/adapters'
import type { HeldModel, RouteDefaults } from '@weft/protocol'
import { adapterId } from '../adapters/adapter-object.ts'
import type { Signatures } from '../adapters/signatures.ts'
import { outputsNotSupported } from '../errors.ts'
import type { AdapterVersion } from '../stores/adapter-names.ts'
import type { TenantStores } from '../stores/tenant-stores.ts'
import { findAdapters } from './adapter-refs.ts'
import { defaultModel, type ModelCatalog } from './model-catalog.ts'
import { notAnAdapter } from './not-an-adapter.ts'
import { withVersions } from './with-versions.ts'

/** What a request's `model` field turned out to be. */
export interface ResolvedModel {
  base: HeldModel
  /** As asked for, with every name's version. */
  expression: string
  canonical: Canonical
  /** Null when nothing is composed. */
  key: string | null
  /** The compositions that are sent to the runner: the one that is asked, or the operands whose answers are combined. */
  parts: readonly ResolvedPart[]
  /** Every adapter as it was written, with the version that this stands for. */
  references: readonly { ref: AdapterRef; adapter: AdapterVersion }[]
  /** Every adapter used, by digest. */
  adapters: ReadonlyMap<string, AdapterVersion>
  /** The route, where the field named one. */
  route?: string
  /** The route's over the deployment's. */
  defaults: RouteDefaults
}

/** One composition with its key; `weight` and `level` count where answers are combined. */
export interface ResolvedPart {
  key: string
  canonical: Canonical
  weight: number
  level: number
}

/** Whether it classifies. Of what is left: a head of strength 0 is none. */
export const hasHead = ({ adapters, canonical }: ResolvedModel): boolean =>
  digestsOf(canonical.terms).some((digest) => adapters.get(digest)!.manifest.sites.includes('head'))

/** The key of the one composition that is asked, for what cannot be asked of several. Error 400 `outputs_not_supported`. */
export function soleComposition({ key, canonical: { outputs } }: ResolvedModel, what: string): string | null {
  if (outputs) throw outputsNotSupported(outputs.operator, what)
  return key
}

export type ResolveModel = (model: string, options: { stores: TenantStores; fresh?: boolean; signal?: AbortSignal | undefined }) => Promise<ResolvedModel>

/**
 * Resolves `base`, a base model's name, a route's name or an expression, down to digests and the composition's key. Touches no tensor.
 * Errors: 400 of the expression's syntax, 404 for names (with the nearest), 409 for adapters of another base model, 403 and 422 for
 * signatures where they are asked for, 503 without a runner.
 */
export const resolveModel =
  ({ catalog, signatures, sampling }: { catalog: ModelCatalog; signatures: Pick<Signatures, 'checkUse'>; sampling: RouteDefaults }): ResolveModel =>
  async (model, { stores: { tenant, names, routes, signingKeys }, fresh = false, signal }) => {
    const route = await routes.get(model.trim())
    // Syntax is checked before the runner is asked for anything.
    const parsed = parse(route?.composition ?? model)
    const models = (await catalog.list({ fresh, signal })).map((held) => held.name)
    const split = splitModel(parsed, [defaultModel, ...models], defaultModel)
    const base = await catalog.find(split.model, { signal })
    const found = await findAll(split.rest)
    for (const adapter of found.values()) {
      const made = adapter.manifest.base
      if (made.fingerprint !== base.fingerprint) throw errors.wrongBase(adapterId(adapter), made, base)
    }
    await signatures.checkUse({ signingKeys }, found.values())
    const composed = canonical(split.rest, (ref) => {
      const adapter = found.get(print(ref))!
      const { sites, shared } = adapter.manifest
      return { ref: adapterId(adapter), digest: adapter.digest, sites, ...(shared ? { shared } : {}) }
    })
    const byDigest = new Map([...found.values()].map((adapter) => [adapter.digest, adapter]))
    const keyOf = (of: Canonical): Promise<string> => compositionKey(base.fingerprint, of, tenant)
    const whole = composed.text === '' ? [] : [{ weight: 1, composition: composed }]
    const parts = (composed.outputs?.operands ?? whole).map(async ({ weight, composition }) => ({
      key: await keyOf(composition),
      canonical: composition,
      weight,
      level: operandLevel(composition.terms, (digest) => byDigest.get(digest)?.manifest.training?.level),
    }))
    return {
      base,
      expression: [base.name, ...(split.rest ? [print(withVersions(split.rest, found))] : [])].join(' + '),
      canonical: composed,
      key: composed.text === '' ? null : await keyOf(composed),
      parts: await Promise.all(parts),
      references: (split.rest ? adapterRefs(split.rest) : []).map((ref) => ({ ref, adapter: found.get(print(ref))! })),
      adapters: byDigest,
      ...(route ? { route: route.name } : {}),
      defaults: { ...sampling, ...route?.defaults },
    }

    async function findAll(expression: Expression | null): Promise<Map<string, AdapterVersion>> {
      const refs = expression ? adapterRefs(expression) : []
      return findAdapters(names, refs).catch(async (error) => {
        if (error.code !== 'adapter_not_found') throw error
        const missing = refs.filter(({ name }) => name === error.details?.name.replace(/@.*$/, ''))
        const other = await notAnAdapter(missing, [defaultModel, ...models], routes)
        if (other) throw other
        // A single name might have been meant as a model or a route too.
        throw parsed.kind === 'adapter' && !route ? await modelNotFound(parsed) : error
      })
    }

    async function modelNotFound({ name }: AdapterRef): Promise<Error> {
      const known = [defaultModel, ...models, ...(await routes.list()).map((each) => each.name), ...(await names.names())]
      return errors.notFound('model', name, nearest(name, known), 'model')
    }
  }
