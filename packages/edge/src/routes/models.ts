import { errors, nearest } from '@weft/adapters'
import { type ModelObject, modelListSchema, modelObjectSchema } from '@weft/protocol'
import { Hono } from 'hono'
import { adapterId } from '../adapters/adapter-object.ts'
import { sendJson } from '../http/body.ts'
import { endpoint } from '../http/endpoint.ts'
import type { Variables } from '../http/variables.ts'
import { defaultModel, type ModelCatalog } from '../resolve/model-catalog.ts'
import type { AdapterNames } from '../stores/adapter-names.ts'
import type { Routes } from '../stores/routes.ts'

interface Dependencies {
  catalog: ModelCatalog
  routes: Routes
  names: AdapterNames
}

/** Everything that a `model` field may name: base models, routes, adapters. Without a runner, what the stores know. */
async function listModels({ catalog, routes, names }: Dependencies): Promise<ModelObject[]> {
  const held = await catalog.list().catch(() => [])
  const object = (id: string, created: number, kind: ModelObject['kind'], composition?: string): ModelObject => ({
    id,
    object: 'model',
    created,
    ownedBy: 'weft',
    kind,
    ...(composition === undefined ? {} : { composition }),
  })
  return [
    ...[...new Set([defaultModel, ...held.map(({ name }) => name)])].map((name) => object(name, 0, 'base')),
    ...(await routes.list()).map((route) => object(route.name, route.updatedAt, 'route', route.composition)),
    ...(await names.list()).map((adapter) => object(adapterId(adapter), adapter.createdAt, 'adapter')),
  ]
}

/** `GET /v1/models`, `GET /v1/models/{model}` */
export const modelsRoute = (dependencies: Dependencies) =>
  new Hono<Variables>()
    .get('/v1/models', endpoint({ summary: 'Base models, routes and adapters', tag: 'Models', answer: modelListSchema }), async (c) =>
      sendJson(c, { object: 'list', data: await listModels(dependencies) }),
    )
    .get('/v1/models/:model{.+}', endpoint({ summary: 'One of them', tag: 'Models', answer: modelObjectSchema }), async (c) => {
      const id = c.req.param('model')
      const models = await listModels(dependencies)
      const found = models.find((model) => model.id === id)
      if (!found)
        throw errors.notFound(
          'model',
          id,
          nearest(
            id,
            models.map((model) => model.id),
          ),
          'model',
        )
      return sendJson(c, found)
    })
