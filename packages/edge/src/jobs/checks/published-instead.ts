import { type Expression, isPinned, isWeftError, parse } from '@weft/adapters'
import { findAdapter } from '../../resolve/adapter-refs.ts'
import type { PrincipalStores } from '../../stores/tenants/open-for-principal.ts'
import { modelIsPublished } from './errors.ts'

/** What a job's model is instead, where no runner holds it: an adapter, a route or an expression, which `GET /v1/models` lists or a chat takes. Undefined of a name that is nothing. */
export async function publishedInstead(
  error: unknown,
  model: string,
  { names, routes }: Pick<PrincipalStores, 'names' | 'routes'>,
): Promise<Error | undefined> {
  if (!isWeftError(error) || error.code !== 'model_not_found') return undefined
  const expression = expressionOf(model)
  if (!expression) return undefined
  if (expression.kind !== 'adapter') return modelIsPublished(model, 'an expression')
  const route = isPinned(expression) ? undefined : await routes.get(expression.name)
  if (route) return modelIsPublished(model, 'a route')
  const adapter = await findAdapter(names, expression).catch((missing: unknown) => {
    if (isWeftError(missing) && missing.status === 404) return undefined
    throw missing
  })
  return adapter && modelIsPublished(model, 'an adapter')
}

function expressionOf(model: string): Expression | undefined {
  try {
    return parse(model)
  } catch {
    return undefined
  }
}
