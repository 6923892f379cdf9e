import { adapterRefs, errors, nearest, parse, parseValue, routeNameSchema } from '@weft/adapters'
import { deletedSchema, putRouteSchema, type RouteObject, routeListSchema, routeSchema } from '@weft/protocol'
import { Hono } from 'hono'
import { nameOfAdapter } from '../../errors.ts'
import { sendJson } from '../../http/body.ts'
import { endpoint } from '../../http/endpoint.ts'
import { readRequest } from '../../http/request.ts'
import type { Variables } from '../../http/variables.ts'
import { nowSeconds } from '../../identifiers.ts'
import { findAdapter } from '../../resolve/adapter-refs.ts'
import { defaultModel, isModelName, type ModelCatalog } from '../../resolve/model-catalog.ts'
import { notAnAdapter } from '../../resolve/not-an-adapter.ts'
import type { Routes } from '../../stores/routes.ts'

const tag = 'Routes'

/** `/v1/routes`: named endpoints. A route's expression is checked as it is stored; its versions are looked up at every request. */
export const routesRoute = ({ catalog }: { catalog: ModelCatalog }) => {
  const found = async (routes: Routes, name: string): Promise<RouteObject> => {
    const route = await routes.get(name)
    if (!route)
      throw errors.notFound(
        'route',
        name,
        nearest(
          name,
          (await routes.list()).map((each) => each.name),
        ),
        'name',
      )
    return route
  }
  return new Hono<Variables>()
    .get('/v1/routes', endpoint({ summary: 'List routes', tag, answer: routeListSchema }), async (c) =>
      sendJson(c, { object: 'list', data: await c.get('stores').routes.list() }),
    )
    .put('/v1/routes/:name{.+}', endpoint({ summary: 'Create or replace a route', tag, body: putRouteSchema, answer: routeSchema }), async (c) => {
      const name = parseValue(routeNameSchema, c.req.param('name'))
      const route = await readRequest(c, putRouteSchema)
      const { names, routes } = c.get('stores')
      if ((await names.versions(name)).length > 0) throw nameOfAdapter(name)
      const models = [defaultModel, ...(await catalog.list().catch(() => [])).map((model) => model.name)]
      for (const ref of adapterRefs(parse(route.composition)))
        if (!(await isModelName(catalog, ref)))
          await findAdapter(names, ref, 'composition').catch(async (error) => {
            throw (error.code === 'adapter_not_found' && (await notAnAdapter([ref], models, routes, 'composition'))) || error
          })
      const stored: RouteObject = { id: name, object: 'route', name, ...route, updatedAt: nowSeconds() }
      await routes.put(stored)
      return sendJson(c, stored)
    })
    .get('/v1/routes/:name{.+}', endpoint({ summary: 'One route', tag, answer: routeSchema }), async (c) =>
      sendJson(c, await found(c.get('stores').routes, c.req.param('name'))),
    )
    .delete('/v1/routes/:name{.+}', endpoint({ summary: 'Delete a route', tag, answer: deletedSchema }), async (c) => {
      const { routes } = c.get('stores')
      const { name } = await found(routes, c.req.param('name'))
      await routes.delete(name)
      return sendJson(c, { id: name, object: 'route', deleted: true })
    })
}
