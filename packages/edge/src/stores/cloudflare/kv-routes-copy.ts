import { routeNameSchema } from '@weft/adapters'
import type { RouteObject } from '@weft/protocol'
import type { Routes } from '../routes.ts'
import { keyPrefix } from '../tenant-stores.ts'

/** Seconds; KV's least. */
const copied = { expirationTtl: 60 }

/**
 * A tenant's routes with a read-mostly copy in KV, close to every edge. The truth stays in `origin`: writes go there first, and what the copy
 * lacks is fetched from it. KV is eventually consistent, and a reader may put back what a writer has just replaced, so copies expire: a
 * changed route may serve its old composition for up to two minutes.
 */
export const kvRoutesCopy = (kv: KVNamespace, tenant: string, origin: Routes): Routes => {
  const key = (name: string): string => keyPrefix(tenant) + name
  return {
    async get(name) {
      // Every `model` field comes by here; long expressions are more than KV takes for a key.
      if (!routeNameSchema.safeParse(name).success) return undefined
      const copy = await kv.get<RouteObject>(key(name), 'json')
      if (copy) return copy
      const route = await origin.get(name)
      if (route) await kv.put(key(name), JSON.stringify(route), copied)
      return route
    },
    list: () => origin.list(),
    async put(route) {
      const made = await origin.put(route)
      await kv.put(key(made.name), JSON.stringify(made), copied)
      return made
    },
    async delete(name) {
      const existed = await origin.delete(name)
      await kv.delete(key(name))
      return existed
    },
    versions: (name) => origin.versions(name),
  }
}
