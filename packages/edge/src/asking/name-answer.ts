import type { Context } from 'hono'
import type { MeantRoute, ResolvedModel } from '../resolve/resolve-model.ts'

/** Long expressions stay out of headers; `/v1/compositions/explain` tells them. */
const longestHeader = 2048

/** Headers that say what answers. */
export const answerHeaders = ['x-weft-composition', 'x-weft-expression', 'x-weft-route', 'x-weft-variant', 'x-weft-twin'] as const

/**
 * `x-weft-composition`: the key; `x-weft-expression`: the canonical expression, other than ASCII escaped; `x-weft-route`: the route with its version;
 * `x-weft-variant`; `x-weft-twin`, where a text stands in. Of what could not be resolved it is the route and the variant alone.
 */
export function nameAnswer<F extends MeantRoute & Partial<ResolvedModel>>(c: Context, found: F): F {
  const { key, canonical, route, routeVersion, variant, twin } = found
  const text = canonical?.text.replace(/[^\x20-\x7e]/g, (char) => `\\u${char.charCodeAt(0).toString(16).padStart(4, '0')}`)
  const values: Record<(typeof answerHeaders)[number], string | undefined> = {
    'x-weft-composition': key ?? undefined,
    'x-weft-expression': key && text && text.length <= longestHeader ? text : undefined,
    'x-weft-route': route === undefined ? undefined : routeVersion ? `${route}@${routeVersion}` : route,
    'x-weft-variant': variant,
    'x-weft-twin': twin === undefined ? undefined : 'true',
  }
  // What was said of a first try, which another has taken the place of, is taken back.
  for (const name of answerHeaders) c.header(name, values[name])
  return found
}
