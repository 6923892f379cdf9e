import { outsideScopes } from '../../auth/errors.ts'
import type { Allowed } from '../../auth/scopes.ts'
import type { AdapterAliases } from '../adapter-aliases.ts'
import type { AdapterNames, AdapterVersion } from '../adapter-names.ts'
import type { Routes } from '../routes.ts'

/** Of a tenant's names those that a principal's scopes let through; the others do not exist. Error 403 `outside_scopes` for publishing any other. */
export const scopedNames = (names: AdapterNames, allowed: Allowed): AdapterNames => {
  const seen = (adapter: AdapterVersion | undefined) => (adapter && allowed.name(adapter.name) ? adapter : undefined)
  return {
    async publish(publication) {
      if (!allowed.name(publication.name)) throw outsideScopes(publication.name)
      return names.publish(publication)
    },
    find: async (name, version) => seen(await names.find(name, version)),
    findAll: async (references) => (await names.findAll(references)).map(seen),
    findByDigest: async (digest, name) => seen(await names.findByDigest(digest, name)),
    // Of files, not of names: one that is named outside the scopes is in use all the same.
    named: (digests) => names.named(digests),
    findByJob: async (jobId) => seen(await names.findByJob(jobId)),
    versions: async (name) => (await names.versions(name)).filter(seen),
    list: async () => (await names.list()).filter(seen),
    names: async () => (await names.names()).filter(allowed.name),
    remove: async (name, version, how) => (allowed.name(name) ? names.remove(name, version, how) : []),
    settle: async (name, version, gate) => (allowed.name(name) ? names.settle(name, version, gate) : undefined),
    collect: (versions) => names.collect(versions.filter(({ name }) => allowed.name(name))),
  }
}

/** Aliases of those names. */
export const scopedAliases = (aliases: AdapterAliases, allowed: Allowed): AdapterAliases => ({
  get: async (name, alias) => {
    const found = await aliases.get(name, alias)
    return allowed.name(name) ? found : undefined
  },
  list: async (name) => (await aliases.list(name)).filter((alias) => allowed.name(alias.name)),
  async set(move) {
    if (!allowed.name(move.name)) throw outsideScopes(move.name)
    return aliases.set(move)
  },
  delete: async (name, alias, expected) => (allowed.name(name) ? aliases.delete(name, alias, expected) : undefined),
})

/** Of a tenant's routes those that a principal's scopes let through. Error 403 `outside_scopes` for making any other. */
export const scopedRoutes = (routes: Routes, allowed: Allowed): Routes => ({
  get: async (name) => {
    const route = await routes.get(name)
    return route && allowed.route(name) ? route : undefined
  },
  list: async () => (await routes.list()).filter(({ name }) => allowed.route(name)),
  async put(route, expected) {
    if (!allowed.route(route.name)) throw outsideScopes(route.name)
    return routes.put(route, expected)
  },
  versions: async (name) => {
    const versions = await routes.versions(name)
    return allowed.route(name) ? versions : []
  },
  history: (names) => routes.history(names.filter(allowed.route)),
  delete: async (name, expected) => (allowed.route(name) ? routes.delete(name, expected) : false),
})
