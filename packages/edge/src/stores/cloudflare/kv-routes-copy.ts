import { routeNameSchema } from '@weft/adapters'
import type { RouteObject } from '@weft/protocol'
import { LRUCache } from 'lru-cache'
import type { Routes } from '../routes.ts'
import { keyPrefix } from '../tenant-stores.ts'

/** Seconds; KV's least. */
const copied = { expirationTtl: 60 }

/** Names that were no routes a moment ago. Most `model` fields are such: an isolate asks for each once in five seconds. */
export class AbsentRoutes {
  readonly #names = new LRUCache<string, true>({ max: 10_000, ttl: 5000 })
  /** How many routes were written here: what was asked before one and answered after it may be wrong. */
  written = 0

  has(key: string): boolean {
    return this.#names.has(key)
  }

  note(key: string, writtenBefore: number): void {
    if (writtenBefore === this.written) this.#names.set(key, true)
  }

  forget(key: string): void {
    this.written++
    this.#names.delete(key)
  }
}

/**
 * A tenant's routes with a read-mostly copy in KV, close to every edge. The truth stays in `origin`: writes go there first, and what the copy
 * lacks is fetched from it. KV is eventually consistent, and a reader may put back what a writer has just replaced, so copies expire: a
 * changed route may serve its old composition for up to two minutes, and a new one may be none for five seconds where it was asked for just before.
 */
export const kvRoutesCopy = (kv: KVNamespace, tenant: string, origin: Routes, absent: AbsentRoutes): Routes => {
  const key = (name: string): string => keyPrefix(tenant) + name
  // KV takes one write of a key in a second, and what is written may have been copied just before, by whoever looked what it was. The old copy expires as any.
  const notCopied = (error: unknown): void => console.error('a route was not copied:', error)
  return {
    async get(name) {
      // Every `model` field comes by here; long expressions are more than KV takes for a key.
      if (!routeNameSchema.safeParse(name).success) return undefined
      if (absent.has(key(name))) return undefined
      const { written } = absent
      const copy = await kv.get<RouteObject>(key(name), 'json')
      if (copy) return copy
      const route = await origin.get(name)
      if (route) {
        // A copy that is not written is only one more question: nobody waits for it.
        kv.put(key(name), JSON.stringify(route), copied).catch(notCopied)
      } else absent.note(key(name), written)
      return route
    },
    list: () => origin.list(),
    async put(route, expected) {
      const made = await origin.put(route, expected)
      absent.forget(key(made.name))
      await kv.put(key(made.name), JSON.stringify(made), copied).catch(notCopied)
      return made
    },
    async delete(name, expected) {
      const existed = await origin.delete(name, expected)
      await kv.delete(key(name)).catch(notCopied)
      return existed
    },
    versions: (name) => origin.versions(name),
    history: (names) => origin.history(names),
  }
}
