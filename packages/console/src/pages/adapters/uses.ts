import type { WeftClient } from '@weft/client'
import type { AdapterObject, KeptReason, KeptReasonCode, RouteObject } from '@weft/protocol'
import { namesIn } from '../playground/terms.ts'

/** Routes whose composition, variants or shadow name a version: as that version, by an alias of it, or bare while the bare name stands for it. */
const routesUsing = ({ id, name, digest, aliases }: AdapterObject, routes: readonly RouteObject[]): string[] => {
  const spellings = new Set([id, `${name}@${digest}`, ...aliases.map((alias) => `${name}@${alias}`), ...(aliases.includes('latest') ? [name] : [])])
  return routes
    .filter(({ composition, variants = [], shadow }) =>
      [composition, ...variants.map((variant) => variant.composition), ...(shadow ? [shadow.composition] : [])].some((expression) =>
        namesIn(expression).some((written) => spellings.has(written)),
      ),
    )
    .map((route) => route.name)
}

/** What a version is used by, in sentences. */
export interface AdapterUses {
  /** A deletion is refused while these are there. */
  keep: string[]
  /** These go on without it, or are made again. */
  lose: string[]
}

/** Reasons for which the edge refuses a deletion as well. */
const keeping: ReadonlySet<KeptReasonCode> = new Set(['alias', 'route', 'job', 'batch'])
/** Reasons of garbage collection alone: a person may delete what it would leave. */
const collectorsOwn: ReadonlySet<KeptReasonCode> = new Set(['newest', 'young'])

/**
 * What uses a version. Whoever may ask what garbage collection would keep hears everything; others hear of routes and aliases, and the edge
 * refuses a deletion that something else stands against.
 */
export const usesOf = async (weft: WeftClient, adapter: AdapterObject): Promise<AdapterUses> => {
  const reasons = await weft.collectGarbage({ dryRun: true }).then(
    ({ kept = [] }) => kept.filter(({ kind, id }) => kind === 'version' && id === adapter.id).flatMap(({ reasons }) => reasons),
    () => undefined,
  )
  if (reasons)
    return {
      keep: reasons.filter(({ code }) => keeping.has(code)).map(({ message }) => message),
      lose: reasons.filter(({ code }) => !keeping.has(code) && !collectorsOwn.has(code)).map(spoken),
    }
  const routes = routesUsing(adapter, await weft.routes.list()).map((route) => `the route "${route}" uses it`)
  const aliases = adapter.aliases.filter((alias) => alias !== 'latest').map((alias) => `the alias "${adapter.name}@${alias}" stands for it`)
  return {
    keep: [...aliases, ...routes],
    lose: adapter.aliases.includes('latest') ? [spoken({ code: 'bare_name', message: `"${adapter.name}" stands for it` })] : [],
  }
}

const spoken = ({ code, message }: KeptReason): string =>
  code === 'bare_name' ? `${message}: that name goes back to the version before, where there is one` : message
