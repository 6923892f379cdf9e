import type { Policy } from '@weft/protocol'
import { LRUCache } from 'lru-cache'
import type { OpenStores } from '../tenant-stores.ts'

/** Every request asks for a policy; an isolate keeps an answer, so a change takes that long at most to be everywhere. */
const keptMs = 10_000
const most = 10_000

/** The same stores, with what an isolate remembers of policies. Those of the deployment's config lie beneath those that were PUT. */
export function configuredPolicies(open: OpenStores, configured: ReadonlyMap<string, Policy>): OpenStores {
  const held = new LRUCache<string, { policy: Policy | undefined }>({ max: most, ttl: keptMs })
  return (tenant) => {
    const stores = open(tenant)
    const { policy: stored } = stores
    return {
      ...stores,
      policy: {
        async get() {
          const known = held.get(tenant)
          if (known) return known.policy
          const policy = (await stored.get()) ?? configured.get(tenant)
          held.set(tenant, { policy })
          return policy
        },
        async put(policy) {
          await stored.put(policy)
          held.delete(tenant)
        },
        async delete() {
          const existed = await stored.delete()
          held.delete(tenant)
          return existed
        },
      },
    }
  }
}
