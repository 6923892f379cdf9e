import { parseValue, routeNameSchema } from '@weft/adapters'
import { deletedSchema, putRouteSchema, routeListSchema, routeSchema } from '@weft/protocol'
import { Hono } from 'hono'
import { sendJson } from '../../http/body.ts'
import { endpoint } from '../../http/endpoint.ts'
import { preconditionHeaders, versionPrecondition } from '../../http/preconditions.ts'
import { readRequest } from '../../http/request.ts'
import type { Variables } from '../../http/variables.ts'
import type { ModelCatalog } from '../../resolve/model-catalog.ts'
import { routeInUse } from './errors.ts'
import { foundRoute } from './found-route.ts'
import { sendRoute } from './send-route.ts'
import { checkRouteName, storeRoute } from './store-route.ts'

const tag = 'Routes'

/**
 * `/v1/routes`: named endpoints. What a route says is checked as it is stored; the versions of its adapters are looked up at every request. What
 * follows a name in a path comes before the name alone, which takes all that follows.
 */
export const routesRoute = ({ catalog }: { catalog: ModelCatalog }) =>
  new Hono<Variables>()
    .get('/v1/routes', endpoint({ summary: 'List routes', tag, answer: routeListSchema }), async (c) =>
      sendJson(c, { object: 'list', data: await c.get('stores').routes.list() }),
    )
    .put(
      '/v1/routes/:name{.+}',
      endpoint({ summary: 'Create a route, or make its next version', tag, headers: preconditionHeaders, body: putRouteSchema, answer: routeSchema }),
      async (c) => {
        const name = parseValue(routeNameSchema, c.req.param('name'), 'name')
        const route = await readRequest(c, putRouteSchema)
        const stores = c.get('stores')
        await checkRouteName(name, stores, catalog)
        return sendRoute(c, await storeRoute(name, route, stores, catalog, versionPrecondition(c)))
      },
    )
    .get('/v1/routes/:name{.+}', endpoint({ summary: 'One route', tag, answer: routeSchema }), async (c) =>
      sendRoute(c, await foundRoute(c.get('stores').routes, c.req.param('name'))),
    )
    .delete(
      '/v1/routes/:name{.+}',
      endpoint({ summary: 'Delete a route that no batch stands on', tag, headers: preconditionHeaders, answer: deletedSchema }),
      async (c) => {
        const { routes, batches } = c.get('stores')
        const expected = versionPrecondition(c)
        const { name } = await foundRoute(routes, c.req.param('name'))
        const standing = await batches.unfinishedOn(name)
        if (standing.length > 0) throw routeInUse(name, standing)
        await routes.delete(name, expected)
        return sendJson(c, { id: name, object: 'route', deleted: true })
      },
    )
