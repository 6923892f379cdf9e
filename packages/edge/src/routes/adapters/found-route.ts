import { errors, nearest } from '@weft/adapters'
import type { RouteObject } from '@weft/protocol'
import type { Routes } from '../../stores/routes.ts'

/** Error 404 `route_not_found`, with the nearest names. */
export async function foundRoute(routes: Routes, name: string): Promise<RouteObject> {
  const route = await routes.get(name)
  if (route) return route
  const known = (await routes.list()).map((each) => each.name)
  throw errors.notFound('route', name, nearest(name, known), 'name')
}
