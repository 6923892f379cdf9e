import type { Deleted, PutRoute, RouteObject } from '@weft/protocol'
import { readJson, type Send, segment } from './request.ts'

const base = '/v1/routes'

export const routes = (send: Send) => ({
  async list(): Promise<RouteObject[]> {
    return (await readJson<{ data: RouteObject[] }>(await send({ path: base }))).data
  },
  async get(name: string): Promise<RouteObject> {
    return readJson(await send({ path: `${base}/${segment(name)}` }))
  },
  async put(name: string, route: PutRoute): Promise<RouteObject> {
    return readJson(await send({ method: 'PUT', path: `${base}/${segment(name)}`, json: route }))
  },
  async delete(name: string): Promise<Deleted> {
    return readJson(await send({ method: 'DELETE', path: `${base}/${segment(name)}` }))
  },
})
