import { errors, nearest, parse, print } from '@weft/adapters'
import { deletedSchema, type ModelObject, modelListSchema, modelObjectSchema } from '@weft/protocol'
import { Hono } from 'hono'
import { withdrawReference } from '../../adapters/withdraw.ts'
import { countingChoices } from '../../asking/counted-choice.ts'
import { notDeletable } from '../../errors.ts'
import { sendJson } from '../../http/body.ts'
import { endpoint } from '../../http/endpoint.ts'
import type { Variables } from '../../http/variables.ts'
import type { Limiter } from '../../limits/limiter.ts'
import { classifies, listModels } from '../../resolve/list-models.ts'
import type { ModelCatalog } from '../../resolve/model-catalog.ts'
import type { ResolvedModel, ResolveModel } from '../../resolve/resolve-model.ts'
import type { PrincipalStores } from '../../stores/tenants/open-for-principal.ts'
import { forceQuery, readForce } from './force.ts'

const tag = 'Models'

interface Dependencies {
  catalog: ModelCatalog
  resolve: ResolveModel
  limiter: Limiter
}

/** `GET /v1/models`, `GET /v1/models/{model}`, `DELETE /v1/models/{model}` */
export const modelsRoute = ({ catalog, resolve, limiter }: Dependencies) =>
  new Hono<Variables>()
    .get('/v1/models', endpoint({ summary: 'Base models, routes and adapters', tag, answer: modelListSchema }), async (c) =>
      sendJson(c, { object: 'list', data: (await listModels(catalog, c.get('stores'))).filter(({ available }) => available !== false) }),
    )
    .get('/v1/models/:model{.+}', endpoint({ summary: 'One of them, or a composition of them', tag, answer: modelObjectSchema }), async (c) => {
      const id = c.req.param('model')
      const stores = c.get('stores')
      if (!isComposition(id)) return sendJson(c, await findModel(catalog, stores, id))
      const resolved = await countingChoices(resolve, limiter)(c, id, { stores, signal: c.get('caller').signal, words: { field: 'model', texts: [id] } })
      return sendJson(c, composedModel(id, resolved))
    })
    .delete(
      '/v1/models/:model{.+}',
      endpoint({ summary: 'Delete an adapter that nothing uses: a version, or all of a name', tag, query: forceQuery, answer: deletedSchema }),
      async (c) => {
        const id = c.req.param('model')
        const stores = c.get('stores')
        const force = readForce(c)
        const { kind } = await findModel(catalog, stores, id)
        if (kind !== 'adapter') throw notDeletable(id, kind ?? 'base')
        const ref = parse(id)
        await withdrawReference(stores, ref as Extract<typeof ref, { kind: 'adapter' }>, 'model', force)
        return sendJson(c, { id, object: 'model', deleted: true })
      },
    )

/** Whether it is no name of the list, but an expression, or a name that is written otherwise: with a digest, or in brackets. What cannot be read is none either, and is refused as such. */
function isComposition(id: string): boolean {
  try {
    const expression = parse(id)
    return expression.kind !== 'adapter' || expression.digest !== undefined || print(expression) !== id
  } catch {
    return true
  }
}

/** As clients look up what they are about to ask. What `auto(…)` chooses is another matter with every request. */
const composedModel = (id: string, { base, expression, adapters, auto }: ResolvedModel): ModelObject => ({
  ...{ id, object: 'model', ownedBy: 'weft', kind: 'composition', composition: auto ? id : expression, base: base.name },
  created: Math.max(0, ...[...adapters.values()].map(({ createdAt }) => createdAt)),
  task: [...adapters.values()].map(({ manifest }) => manifest.task).find(classifies) ?? base.spec.tasks[0],
})

/** Error 404 `model_not_found`, with the nearest of what is offered. */
async function findModel(catalog: ModelCatalog, stores: PrincipalStores, id: string): Promise<ModelObject> {
  const models = await listModels(catalog, stores)
  const found = models.find((model) => model.id === id)
  if (found) return found
  const offered = models.filter(({ available }) => available !== false).map((model) => model.id)
  throw errors.notFound('model', id, nearest(id, offered), 'model')
}
