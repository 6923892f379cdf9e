import type { RouteObject } from '@weft/protocol'
import { routeIsConfigured } from '../../errors.ts'
import type { Routes } from '../routes.ts'

/** Routes of the deployment's config beneath those that were PUT: a stored one of the same name covers a configured one. */
export const configuredRoutes = (configured: ReadonlyMap<string, RouteObject>, stored: Routes): Routes => ({
  get: async (name) => (await stored.get(name)) ?? configured.get(name),
  async list() {
    const all = new Map([...configured, ...(await stored.list()).map((route) => [route.name, route] as const)])
    return [...all.values()].sort((a, b) => (a.name < b.name ? -1 : 1))
  },
  put: (route) => stored.put(route),
  async delete(name) {
    const existed = await stored.delete(name)
    if (!existed && configured.has(name)) throw routeIsConfigured(name)
    return existed
  },
  versions: (name) => stored.versions(name),
})
