import { type AdapterRef, type Expression, errors, nearest, type WeftError } from '@weft/adapters'
import type { AdapterNames } from '../stores/adapter-names.ts'
import type { PrincipalStores } from '../stores/tenants/open-for-principal.ts'
import { whatElse } from './find-named.ts'

interface Asked {
  parsed: Expression
  /** Whether the expression is a route's, of which nobody wrote the names just now. */
  isRoutes: boolean
  /** The adapters that it names. */
  refs: readonly AdapterRef[]
  /** Base models that may be asked, `base` among them. */
  models: readonly string[]
  names: AdapterNames
  stores: Pick<PrincipalStores, 'routes' | 'jobs' | 'allowed'>
}

/** What to say of an expression that names an adapter which is not there, by who found that out: what else the name is, that it is being trained, or what is near. */
export async function nameNotFound(error: WeftError, { parsed, isRoutes, refs, models, names, stores }: Asked): Promise<Error> {
  const other = await whatElse(error, refs, { stores, models, param: 'model' })
  if (other) return other
  if (isRoutes) return error
  const name = String(error.details?.name).replace(/@.*$/, '')
  // A single name may have been meant as a model or a route too, and the first of several as a model.
  if (parsed.kind === 'adapter') {
    const routes = (await stores.routes.list()).map((route) => route.name)
    return errors.notFound('model', name, nearest(name, [...models, ...routes, ...(await names.names())]), 'model')
  }
  const isFirst = parsed.kind === 'sum' && parsed.terms[0]!.kind === 'adapter' && parsed.terms[0]!.name === name
  return isFirst ? errors.notFound('adapter', name, nearest(name, [...models, ...(await names.names())]), 'model') : error
}
