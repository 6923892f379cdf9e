import type { RouteObject } from '@weft/protocol'
import { routeMoved } from '../../adapters/errors.ts'
import { routeIsConfigured } from '../../errors.ts'
import type { Routes } from '../routes.ts'

/** Routes of the deployment's config beneath those that were PUT: a stored one of the same name covers a configured one. */
export const configuredRoutes = (configured: ReadonlyMap<string, RouteObject>, stored: Routes): Routes => ({
  get: async (name) => (await stored.get(name)) ?? configured.get(name),
  async list() {
    const all = new Map([...configured, ...(await stored.list()).map((route) => [route.name, route] as const)])
    return [...all.values()].sort((a, b) => (a.name < b.name ? -1 : 1))
  },
  async put(route, expected) {
    // What the config has is version 0, of which nothing is stored.
    const isThere = configured.has(route.name)
    if (expected === null && isThere) throw routeMoved(route.name, (await stored.get(route.name))?.version ?? 0)
    if (expected === 0 && !isThere) throw routeMoved(route.name, (await stored.get(route.name))?.version ?? null)
    return stored.put(route, expected === 0 ? null : expected)
  },
  async delete(name, expected) {
    const existed = await stored.delete(name, expected)
    if (!existed && configured.has(name)) throw routeIsConfigured(name)
    return existed
  },
  versions: (name) => stored.versions(name),
  history: (names) => stored.history(names),
})
