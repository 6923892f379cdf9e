import type { RouteObject } from '@weft/core'
import type { Routes } from '../routes.ts'

/**
 * Routes with a read-mostly copy in KV, close to every edge. The truth stays in `origin`: writes go there first, and what the copy
 * lacks is fetched from it. KV is eventually consistent, so a changed route may serve its old composition for up to a minute elsewhere.
 */
export const kvRoutesCopy = (kv: KVNamespace, origin: Routes): Routes => ({
  async get(name) {
    const copy = await kv.get<RouteObject>(name, 'json')
    if (copy) return copy
    const route = await origin.get(name)
    if (route) await kv.put(name, JSON.stringify(route))
    return route
  },
  list: () => origin.list(),
  async put(route) {
    await origin.put(route)
    await kv.put(route.name, JSON.stringify(route))
  },
  async delete(name) {
    const existed = await origin.delete(name)
    await kv.delete(name)
    return existed
  },
})
