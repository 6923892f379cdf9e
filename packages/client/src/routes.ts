import { type Deleted, deletedSchema, type PutRoute, putRouteSchema, type RouteObject, routeListSchema, routeSchema } from '@weft/protocol'
import { readJson, type Send, segment } from './request.ts'

const base = '/v1/routes'

export const routes = (send: Send) => ({
  async list(): Promise<RouteObject[]> {
    return (await readJson(routeListSchema, await send({ path: base }))).data
  },
  async get(name: string): Promise<RouteObject> {
    return readJson(routeSchema, await send({ path: `${base}/${segment(name)}` }))
  },
  async put(name: string, route: PutRoute): Promise<RouteObject> {
    return readJson(routeSchema, await send({ method: 'PUT', path: `${base}/${segment(name)}`, json: { schema: putRouteSchema, value: route } }))
  },
  async delete(name: string): Promise<Deleted> {
    return readJson(deletedSchema, await send({ method: 'DELETE', path: `${base}/${segment(name)}` }))
  },
})
