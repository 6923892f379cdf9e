import type { putRouteSchema } from '@weft/protocol'
import type { output } from 'zod/v4/core'
import type { NewRoute } from '../stores/routes.ts'

/** A route as it is kept, of what was written. @param updatedAt seconds */
export function routeObject(name: string, written: output<typeof putRouteSchema>, updatedAt: number): NewRoute {
  const { composition, variants, ...rest } = written
  const [heaviest] = (variants ?? []).toSorted((a, b) => b.weight - a.weight)
  return { id: name, object: 'route', name, ...rest, composition: composition ?? heaviest!.composition, ...(variants ? { variants } : {}), updatedAt }
}
