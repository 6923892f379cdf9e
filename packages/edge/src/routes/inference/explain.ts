import {
  type Canonical,
  type CanonicalTerm,
  type Composed,
  invocationsOf,
  isPinned,
  latest,
  placementOf,
  positionsOf,
  print,
  printNumber,
} from '@weft/adapters'
import { type ExplainResponse, explainRequestSchema, explainResponseSchema } from '@weft/protocol'
import { Hono } from 'hono'
import { adapterId } from '../../adapters/adapter-object.ts'
import { countingChoices } from '../../asking/counted-choice.ts'
import { sendJson } from '../../http/body.ts'
import { endpoint } from '../../http/endpoint.ts'
import { readRequest } from '../../http/request.ts'
import type { Variables } from '../../http/variables.ts'
import type { Limiter } from '../../limits/limiter.ts'
import type { ComposeModel } from '../../resolve/pack-model.ts'
import type { ResolvedModel, ResolvedPart, ResolveModel } from '../../resolve/resolve-model.ts'
import type { Inference } from '../../runner/inference.ts'
import type { Support } from '../../runner/site-support.ts'

type Term = ExplainResponse['terms'][number]

const description = endpoint({ summary: 'What would run for a `model` field', tag: 'Compositions', body: explainRequestSchema, answer: explainResponseSchema })

interface Dependencies {
  resolve: ResolveModel
  compose: ComposeModel
  inference: Inference
  limiter: Limiter
}

/** `POST /v1/compositions/explain`: terms, sites, virtual tokens and key, from the composed tensors themselves. */
export const explainRoute = ({ resolve, compose, inference, limiter }: Dependencies) =>
  new Hono<Variables>().post('/v1/compositions/explain', description, async (c) => {
    const { model, input, maxTokens } = await readRequest(c, explainRequestSchema)
    const resolved = await countingChoices(resolve, limiter)(c, model, {
      stores: c.get('stores'),
      fresh: true,
      words: { field: 'input', texts: input ? [input] : [] },
      signal: c.get('caller').signal,
      maxTokens: maxTokens ?? undefined,
      keptBy: (header) => (header && c.req.header(header)) ?? c.get('asked')?.user ?? '',
    })
    const { refusals, maxTokens: most } = resolved.policies
    const parts = await Promise.all(resolved.parts.map(async (part) => ({ ...part, composed: await compose(resolved, part) })))
    const termsOf = ({ terms }: Pick<Canonical, 'terms'>): Term[] => terms.map((term) => explainTerm(term, resolved))
    const { outputs } = resolved.canonical
    const terms = parts.flatMap(({ canonical }) => termsOf(canonical))
    // Operands answer in rows of their own, so the longest is what the context must hold.
    const sizes = parts.map(({ composed }) => placementOf(composed))
    const longest = (of: 'rows' | 'prefix' | 'longestPrefix'): number => Math.max(0, ...sizes.map((size) => size[of]))
    const labels = parts.flatMap(({ composed }) => composed.labels ?? [])
    const answer: ExplainResponse = {
      object: 'composition',
      model: resolved.base.name,
      fingerprint: resolved.base.fingerprint,
      ...(resolved.route === undefined ? {} : { route: resolved.route, routeVersion: resolved.routeVersion }),
      ...(resolved.variant === undefined ? {} : { variant: resolved.variant }),
      policy: { allowed: refusals.length === 0, refusals, ...(most === undefined ? {} : { maxTokens: most }) },
      expression: resolved.expression,
      ...(resolved.auto ? { auto: resolved.auto } : {}),
      canonical: resolved.canonical.text,
      key: resolved.key,
      references: resolved.references.map(explainReference),
      terms,
      sites: [...new Set(terms.flatMap((term) => term.sites))].sort(),
      ...(outputs || !parts[0] ? {} : waitsOf(parts[0])),
      backend: explainBackend(inference, resolved, terms, parts),
      ...(outputs
        ? {
            outputs: {
              operator: outputs.operator,
              operands: parts.map((part) => ({
                canonical: part.canonical.text,
                key: part.key,
                weight: part.weight,
                ...(part.level === undefined ? {} : { level: part.level }),
                terms: termsOf(part.canonical),
                ...waitsOf(part),
              })),
            },
          }
        : {}),
      ...(labels.length > 0 ? { labels } : {}),
      virtualTokens: {
        rows: longest('rows'),
        prefix: longest('prefix'),
        longestPrefix: longest('longestPrefix'),
        positions: Math.max(0, ...sizes.map(positionsOf)),
      },
      texts: parts.flatMap(({ composed }) => composed.segments.flatMap((segment) => (segment.kind === 'text' ? [segment.text] : []))),
      maxPositions: resolved.base.spec.maxPositions,
    }
    return sendJson(c, answer)
  })

/** What of a composition waits for tokens, and what acts until they come. */
function waitsOf({ composed, key, dormantKey = key }: ResolvedPart & { composed: Composed }): Pick<ExplainResponse, 'waits'> {
  const invocations = Object.values(composed.sites).flatMap((state) => (state.invocations ? invocationsOf(state.invocations) : []))
  return invocations.length === 0 ? {} : { waits: { invocations, dormantKey } }
}

/** How each site that the terms act on is served, by what the backend is and by what is composed. */
function explainBackend(
  inference: Inference,
  { base, canonical }: ResolvedModel,
  terms: readonly Term[],
  parts: readonly { composed: Composed }[],
): ExplainResponse['backend'] {
  const { sites, outputs } = inference.capabilities(base)
  const exceptions = parts.flatMap(({ composed }) => inference.exceptions(composed, base))
  const named = [...new Set(terms.flatMap((term) => term.sites))].sort()
  return {
    kind: inference.backend,
    sites: named.map((site) => ({ site, ...(sites[site] ?? unknownSite), ...exceptions.find((exception) => exception.site === site) })),
    ...(canonical.outputs ? { outputs } : {}),
  }
}

const unknownSite: Support = { support: 'refused', why: 'the backend does not know this site' }

/** A name's alias, or its version, down to the file. A bare name is the alias `latest`. */
function explainReference({ ref, adapter }: ResolvedModel['references'][number]): ExplainResponse['references'][number] {
  const alias = ref.alias ?? (isPinned(ref) ? undefined : latest)
  const { version, digest, manifest } = adapter
  return { written: print(ref), ...(alias === undefined ? {} : { alias }), id: adapterId(adapter), version, digest, ...onOf(manifest.lineage) }
}

const onOf = ({ on }: { on?: string | undefined }): { on?: string } => (on === undefined ? {} : { on })

const weighted = (weight: number, text: string): string => (weight === 1 ? text : `${printNumber(weight)}*${text}`)

function explainTerm(term: CanonicalTerm, resolved: ResolvedModel): Term {
  if (term.kind === 'text')
    return {
      kind: 'text',
      expression: weighted(term.weight, JSON.stringify(term.text)),
      weight: term.weight,
      sites: ['text'],
      virtualTokens: { rows: 0, prefix: 0 },
    }
  if (term.kind === 'adapter') {
    const { manifest } = resolved.adapters.get(term.digest)!
    const { weight, ref, digest } = term
    return {
      kind: 'adapter',
      expression: weighted(weight, ref),
      weight,
      ref,
      digest,
      method: manifest.method,
      sites: manifest.sites,
      virtualTokens: manifest.virtualTokens,
    }
  }
  const args = term.args.map(({ weight, terms }) => ({ weight, terms: terms.map((inner) => explainTerm(inner, resolved)) }))
  const spelled = args.map(({ weight, terms }) => {
    const inner = terms.map(({ expression }) => expression).join(' + ')
    return weighted(weight, terms.length > 1 ? `(${inner})` : inner)
  })
  const inner = args.flatMap(({ terms }) => terms)
  // A weighted sum has the size of one argument, not of all.
  const largest = (part: 'rows' | 'prefix'): number =>
    Math.max(...args.map(({ terms }) => terms.reduce((sum, { virtualTokens }) => sum + virtualTokens[part], 0)))
  return {
    kind: 'mix',
    expression: weighted(term.weight, `mix(${spelled.join(', ')})`),
    weight: term.weight,
    sites: [...new Set(inner.flatMap(({ sites }) => sites))].sort(),
    virtualTokens: { rows: largest('rows'), prefix: largest('prefix') },
  }
}
