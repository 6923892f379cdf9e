import { nameOfRoute } from '../errors.ts'
import type { PrincipalStores } from '../stores/tenants/open-for-principal.ts'
import { nameOfModel } from './errors.ts'
import { isModelName, type ModelCatalog } from './model-catalog.ts'

/** That an expression which names an adapter so would mean it. Errors 409 `name_taken`, for a name of a route or of a base model. */
export async function checkFree(name: string, { routes, catalog }: Pick<PrincipalStores, 'routes'> & { catalog: ModelCatalog }, param: string): Promise<void> {
  if (await routes.get(name)) throw nameOfRoute(name, param)
  await checkNoModel(name, catalog, param)
}

/** Error 409 `name_taken`. */
export async function checkNoModel(name: string, catalog: ModelCatalog, param: string): Promise<void> {
  if (await isModelName(catalog, { kind: 'adapter', name, offset: 0 })) throw nameOfModel(name, param)
}
