import type { putRouteSchema, RouteObject } from '@weft/protocol'
import type { output } from 'zod/mini'
import { outsideScopes } from '../../auth/errors.ts'
import { nameInTraining, nameOfAdapter } from '../../errors.ts'
import { nowSeconds } from '../../identifiers.ts'
import { checkRoute } from '../../resolve/check-route.ts'
import { jobTraining } from '../../resolve/find-named.ts'
import { checkNoModel } from '../../resolve/free-name.ts'
import type { ModelCatalog } from '../../resolve/model-catalog.ts'
import { routeObject } from '../../resolve/route-object.ts'
import type { PrincipalStores } from '../../stores/tenants/open-for-principal.ts'

/**
 * That no adapter has a route's name, or will have it, and no base model. Errors 409 `name_taken`; 403 `outside_scopes`, which comes first: what else the name is, is then
 * nothing to whoever asks.
 */
export async function checkRouteName(
  name: string,
  { tenant, beneathRoutes, routes, jobs, allowed }: Pick<PrincipalStores, 'tenant' | 'beneathRoutes' | 'routes' | 'jobs' | 'allowed'>,
  catalog: ModelCatalog,
): Promise<void> {
  if (!allowed.route(name)) throw outsideScopes(name)
  // Of the whole tenant: a scope may name the route alone, and the route would hide the adapter from everybody.
  const [adapter] = await beneathRoutes.versions(name)
  // What another tenant has come to share is hidden by a route that is there, and must not keep whoever has it from changing it.
  if (adapter && (adapter.tenant === tenant || !(await routes.get(name)))) throw nameOfAdapter(name)
  const training = await jobTraining(name, jobs)
  if (training) throw nameInTraining(name, training.id)
  await checkNoModel(name, catalog, 'name')
}

/** Makes a route the next version of its name, where all that it names is there. Errors as `checkRoute`, and 412 `route_moved` where another version is there than is expected. */
export async function storeRoute(
  name: string,
  route: output<typeof putRouteSchema>,
  stores: PrincipalStores,
  catalog: ModelCatalog,
  expected?: number | null,
): Promise<RouteObject> {
  await checkRoute(route, stores, catalog)
  const before = await stores.routes.get(name)
  const stored = await stores.routes.put(routeObject(name, route, nowSeconds()), expected)
  // From here on nothing that it names is collected as garbage; what was collected just before is missed now.
  await checkRoute(route, stores, catalog).catch(async (error) => {
    await (before && before.updatedAt > 0 ? stores.routes.put(before) : stores.routes.delete(name))
    throw error
  })
  return stored
}
