import { adapterRefs, canonical, errors, nearest, print, splitModel } from '@weft/adapters'
import { compositionsOf, contradictionsOfRoute, type putRouteSchema } from '@weft/protocol'
import { contradictsItself } from '@weft/protocol/errors'
import type { output } from 'zod/v4/core'
import { invalidRequest } from '../errors.ts'
import { readTwin } from '../generation/text-twin.ts'
import type { AdapterVersion } from '../stores/adapter-names.ts'
import type { PrincipalStores } from '../stores/tenants/open-for-principal.ts'
import { findAdapter, resolvedOf } from './adapter-refs.ts'
import { whatElse } from './find-named.ts'
import { defaultModel, isModelName, type ModelCatalog } from './model-catalog.ts'
import { inField, parseField } from './parse-field.ts'

/**
 * Whether a route can be meant as it is written: it does not contradict itself, and every adapter that it names is there, and they can stand together. Errors 400
 * `policy_contradiction`, `twin_not_text`, those of the expressions; 404 `adapter_not_found`, `model_not_found` for a base model outside the writer's scopes,
 * each with the field at fault; 503 where only a runner that is away could say which model `base` is.
 */
export async function checkRoute(
  route: output<typeof putRouteSchema>,
  stores: Pick<PrincipalStores, 'names' | 'routes' | 'jobs' | 'allowed'>,
  catalog: ModelCatalog,
): Promise<void> {
  if (route.composition === undefined && route.variants === undefined)
    throw invalidRequest('expected one of "composition" and "variants", which say what the route stands for', 'composition')
  const compositions = compositionsOf(route).map(({ path, composition }) => ({ path, expression: parseField(composition, path) }))
  const models = await catalog.names()
  /** Whoever may call a route may call what it stands for, so none is written that its writer could not ask. */
  const checkModel = async (model: string, param: string): Promise<void> => {
    const { allowed } = stores
    if (allowed.model(model) || allowed.model((await catalog.find(model)).name)) return
    throw errors.notFound(
      'model',
      model,
      nearest(
        model,
        models.filter((each) => allowed.model(each)),
      ),
      param,
    )
  }
  const contradictions = contradictionsOfRoute(route, models)
  if (contradictions.length > 0) throw contradictsItself('the route', contradictions)
  if (route.twin !== undefined) await checkModel(readTwin(route.twin, models, defaultModel).model, 'twin')
  for (const { path, expression } of compositions) {
    const found = new Map<string, AdapterVersion>()
    const bases: string[] = []
    for (const ref of adapterRefs(expression))
      if (await isModelName(catalog, ref)) bases.push(ref.name)
      else
        found.set(
          print(ref),
          await findAdapter(stores.names, ref, path).catch(async (error) => {
            throw (await whatElse(error, [ref], { stores, models, param: path })) ?? error
          }),
        )
    const { model, rest } = inField(path, () => splitModel(expression, bases, defaultModel))
    await checkModel(model, path)
    // What no request could be answered with, such as an operand that stands twice, is told of here and not by each of them.
    inField(path, () => {
      for (const composed of rest?.kind === 'auto' ? rest.terms : [rest]) canonical(composed, resolvedOf(found))
    })
  }
}
