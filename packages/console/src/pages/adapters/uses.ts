import type { WeftClient } from '@weft/client'
import type { AdapterObject, RouteObject } from '@weft/protocol'
import { namesIn } from '../playground/terms.ts'

/** Routes whose composition, variants or shadow name a version: as that version, by an alias of it, or bare while the bare name stands for it. */
export const routesUsing = ({ id, name, digest, aliases }: AdapterObject, routes: readonly RouteObject[]): string[] => {
  const spellings = new Set([id, `${name}@${digest}`, ...aliases.map((alias) => `${name}@${alias}`), ...(aliases.includes('latest') ? [name] : [])])
  return routes
    .filter(({ composition, variants = [], shadow }) =>
      [composition, ...variants.map((variant) => variant.composition), ...(shadow ? [shadow.composition] : [])].some((expression) =>
        namesIn(expression).some((written) => spellings.has(written)),
      ),
    )
    .map((route) => route.name)
}

/**
 * What uses a version, in sentences. Whoever may ask what garbage collection would keep hears everything; others hear of routes and aliases, and the edge
 * refuses a deletion that something else stands against.
 */
export const usesOf = async (weft: WeftClient, adapter: AdapterObject): Promise<string[]> => {
  const reasons = await weft.collectGarbage({ dryRun: true }).then(
    ({ kept = [] }) => kept.filter(({ kind, id }) => kind === 'version' && id === adapter.id).flatMap(({ because }) => because),
    () => [],
  )
  const routes = routesUsing(adapter, await weft.routes.list()).map((route) => `the route "${route}" names it`)
  const aliases = adapter.aliases.map((alias) => (alias === 'latest' ? `the bare name "${adapter.name}" stands for it` : `the alias "@${alias}" stands for it`))
  return reasons.length > 0 ? reasons : [...aliases, ...routes]
}
