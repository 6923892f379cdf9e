import {
  type AdapterRef,
  adapterRefs,
  type Canonical,
  canonical,
  checkBase,
  compositionKey,
  digestsOf,
  dormantKey,
  type Expression,
  errors,
  nearest,
  operandLevel,
  parse,
  print,
  splitModel,
} from '@weft/adapters'
import { type AutoChoice, askedOf, type GenerateInput, type HeldModel, type RouteDefaults, type RouteObject, type Shadow } from '@weft/protocol'
import { adapterId } from '../adapters/adapter-object.ts'
import type { Signatures } from '../adapters/signatures.ts'
import type { AskedTexts } from '../auto/asked-texts.ts'
import type { ChooseOperandsOf } from '../auto/choose.ts'
import { outputsNotSupported } from '../errors.ts'
import { readTwin } from '../generation/text-twin.ts'
import { type AppliedPolicies, appliedPolicies, schedulingOf } from '../limits/applied-policies.ts'
import type { Caller } from '../runner/caller.ts'
import type { AdapterVersion } from '../stores/adapter-names.ts'
import type { PrincipalStores } from '../stores/tenants/open-for-principal.ts'
import { findAdapters, resolvedOf } from './adapter-refs.ts'
import { chooseVariant } from './choose-variant.ts'
import { namedByRoute, noShadow, noTwin } from './errors.ts'
import { defaultModel, type ModelCatalog } from './model-catalog.ts'
import { nameNotFound } from './name-not-found.ts'
import { positionsTaken } from './positions-taken.ts'
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
  /** What `auto(…)` chose, which the rest is about then. */
  auto?: AutoChoice
  /** The route, where the field named one, and which of its versions. */
  route?: string
  routeVersion?: number
  /** The route's variant, where it has several. */
  variant?: string
  /** The text that stands in for the route's composition, which nothing of is here then. */
  twin?: string
  /** What gets a copy of the request. */
  shadow?: Shadow
  /** Whether this is for such a copy, whose answer nobody reads. */
  isCopy?: boolean
  /** The route's over the deployment's. */
  defaults: RouteDefaults
  /** What the policies of tenant and route say of it. */
  policies: AppliedPolicies
}

/** Which route and variant a request fell to, which is known before anything of it is looked up. */
export type MeantRoute = Pick<ResolvedModel, 'route' | 'routeVersion' | 'variant'>

/** One composition with its key; `weight` and `level` count where answers are combined. One of texts alone has no level. */
export interface ResolvedPart {
  key: string
  /** Of what acts before an invocation, where an adapter waits for one. */
  dormantKey?: string | null | undefined
  canonical: Canonical
  weight: number
  level: number | undefined
}

/** Whether it classifies. Of what is left: a head of strength 0 is none. */
export const hasHead = ({ adapters, canonical }: ResolvedModel): boolean =>
  digestsOf(canonical.terms).some((digest) => adapters.get(digest)!.manifest.sites.includes('head'))

/** What the runner is asked: the base model, one composition, or several whose answers it combines. */
export const compositionOf = ({ key, canonical: { outputs }, parts }: ResolvedModel): GenerateInput['composition'] =>
  outputs
    ? { operator: outputs.operator, operands: parts.map(({ key, weight, level }) => ({ composition: key, weight, ...(level === undefined ? {} : { level }) })) }
    : key

/** The key of the one composition that is asked, for what cannot be asked of several. Error 400 `outputs_not_supported`. */
export function soleComposition({ key, canonical: { outputs } }: ResolvedModel, what: string): string | null {
  if (outputs) throw outputsNotSupported(outputs.operator, what)
  return key
}

interface ResolveDependencies {
  catalog: ModelCatalog
  signatures: Pick<Signatures, 'checkUse'>
  /** What of `auto(…)` acts on a request. */
  choose: ChooseOperandsOf
  /** The deployment's defaults. */
  sampling: RouteDefaults
}

export interface ResolveOptions {
  stores: PrincipalStores
  fresh?: boolean
  signal?: AbortSignal | undefined
  /** Whom requests are kept together by, where a route has variants: given the header that the route names, if it names one. */
  keptBy?: (header: string | undefined) => string
  /** What is wanted of a route: what answers (the default), the text that stands in for it, or what gets copies. */
  as?: 'answer' | 'twin' | 'shadow'
  /** Hears which route and variant shall answer: what these stand for may turn out to be gone. */
  onMeant?: ((meant: MeantRoute) => void) | undefined
  /** What is asked in words, and whom it is asked for, where a composition is chosen by it. */
  words?: AskedTexts | undefined
  caller?: Caller | undefined
  /** Most tokens of the answer, where the request says how many. */
  maxTokens?: number | undefined
  /** Hears what is known of the request before a runner is asked what of `auto(…)` acts, and throws where it is not to be asked. */
  beforeChoice?: ((known: Pick<ResolvedModel, 'policies' | 'defaults'>) => Promise<unknown>) | undefined
}

export type ResolveModel = (model: string, options: ResolveOptions) => Promise<ResolvedModel>

/**
 * Resolves `base`, a base model's name, a route's name or an expression, down to digests and the composition's key. Touches no tensor.
 * Errors: 400 of the expression's syntax, 404 for names (with the nearest), 409 for adapters of another base model, 403 and 422 for
 * signatures where they are asked for, 503 without a runner.
 */
export const resolveModel =
  ({ catalog, signatures, choose, sampling }: ResolveDependencies): ResolveModel =>
  async (model, { stores, fresh = false, signal, keptBy = () => '', as = 'answer', onMeant, maxTokens, words, caller, beforeChoice }) => {
    const { tenant, allowed, routes, signingKeys } = stores
    const [route, tenantPolicy] = await Promise.all([routes.get(model.trim()), stores.policy.get()])
    const asking = chosenOf(model, route, as, keptBy)
    const meant: MeantRoute = {
      ...(route ? { route: route.name, routeVersion: route.version } : {}),
      ...(asking.variant === undefined ? {} : { variant: asking.variant }),
    }
    onMeant?.(meant)
    const names = route ? stores.beneathRoutes : stores.names
    // Syntax is checked before the runner is asked for anything.
    const parsed = parse(asking.composition)
    const models = (await catalog.list({ fresh, signal })).map((held) => held.name)
    const bases = await catalog.names()
    const twin = asking.twin === undefined ? undefined : readTwin(asking.twin, bases, defaultModel)
    const split = twin ? { model: twin.model, rest: null } : splitModel(parsed, bases, defaultModel)
    const base = await catalog.find(split.model, { signal })
    if (!route && !allowed.model(split.model, base.name))
      throw errors.notFound(
        'model',
        split.model,
        nearest(
          split.model,
          models.filter((model) => allowed.model(model)),
        ),
        'model',
      )
    const found = await findAll(split.rest)
    for (const adapter of found.values()) checkBase(adapter.manifest, base, adapterId(adapter))
    await signatures.checkUse({ signingKeys }, found.values())
    const asker = caller && { ...caller, ...schedulingOf(tenantPolicy, route?.policy) }
    const length = maxTokens === undefined ? {} : { maxTokens }
    const defaults = { ...sampling, ...route?.defaults }
    const before = async () => beforeChoice?.({ policies: appliedPolicies(tenantPolicy, route, { ...askedOf(null), ...length }), defaults })
    const chosen = split.rest?.kind === 'auto' ? await choose(split.rest, { base, stores, found, words, caller: asker, before }) : undefined
    const rest = chosen ? chosen.expression : split.rest
    const composed = canonical(rest, resolvedOf(found))
    const acting = rest ? adapterRefs(rest).map((ref) => found.get(print(ref))!) : []
    const byDigest = new Map(acting.map((adapter) => [adapter.digest, adapter]))
    const keyOf = (of: Canonical): Promise<string> => compositionKey(base.fingerprint, of, tenant)
    const whole = composed.text === '' ? [] : [{ weight: 1, composition: composed }]
    const parts = (composed.outputs?.operands ?? whole).map(async ({ weight, composition }) => ({
      key: await keyOf(composition),
      dormantKey: await dormantKey(composition, (digest) => byDigest.get(digest)!.manifest.sites, { fingerprint: base.fingerprint, tenant }),
      canonical: composition,
      weight,
      level: operandLevel(composition.terms, (digest) => byDigest.get(digest)?.manifest),
    }))
    const virtualTokens = Math.max(
      0,
      ...(composed.outputs?.operands.map(({ composition }) => composition) ?? [composed]).map((of) => positionsTaken(of, byDigest)),
    )
    const asked = { ...askedOf(rest), virtualTokens, ...length }
    return {
      base,
      expression: [base.name, ...(rest ? [print(withVersions(rest, found))] : [])].join(' + '),
      canonical: composed,
      key: composed.text === '' ? null : await keyOf(composed),
      parts: await Promise.all(parts),
      references: (rest ? adapterRefs(rest) : []).map((ref) => ({ ref, adapter: found.get(print(ref))! })),
      adapters: byDigest,
      ...(chosen ? { auto: chosen.choice } : {}),
      ...meant,
      ...(twin ? { twin: twin.text } : {}),
      ...(route?.shadow && as === 'answer' ? { shadow: route.shadow } : {}),
      ...(as === 'shadow' ? { isCopy: true } : {}),
      policies: appliedPolicies(tenantPolicy, route, asked),
      defaults,
    }

    async function findAll(expression: Expression | null): Promise<Map<string, AdapterVersion>> {
      const refs = expression ? adapterRefs(expression) : []
      return findAdapters(names, refs).catch(async (error) => {
        const askable = [defaultModel, ...models].filter((name) => allowed.model(name))
        const said =
          error.code === 'adapter_not_found'
            ? await nameNotFound(error, { parsed, isRoutes: route !== undefined, refs, models: askable, names, stores })
            : error
        throw route && said.status === 404 ? namedByRoute(route.name, asking.composition, said) : said
      })
    }
  }

/** What of a route is meant. Error `no_twin`, `no_shadow` for what it has not. */
function chosenOf(
  model: string,
  route: RouteObject | undefined,
  as: 'answer' | 'twin' | 'shadow',
  keptBy: (header: string | undefined) => string,
): { variant?: string; composition: string; twin?: string } {
  if (as === 'twin') {
    if (route?.twin === undefined) throw noTwin(model)
    return { composition: defaultModel, twin: route.twin }
  }
  if (as === 'shadow') {
    if (!route?.shadow) throw noShadow(model)
    return { composition: route.shadow.composition }
  }
  return route ? chooseVariant(route, keptBy(route.stickyHeader)) : { composition: model }
}
