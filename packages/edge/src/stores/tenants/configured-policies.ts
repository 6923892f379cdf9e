import type { Policy } from '@weft/protocol'
import { LRUCache } from 'lru-cache'
import type { OpenStores } from '../tenant-stores.ts'

/** Every request asks for a policy; an isolate keeps an answer, so a change takes that long at most to be everywhere. */
const keptMs = 10_000
const most = 10_000

/** The same stores, with what an isolate remembers of policies. Those of the deployment's config lie beneath those that were PUT. */
export function configuredPolicies(open: OpenStores, configured: ReadonlyMap<string, Policy>): OpenStores {
  const held = new LRUCache<string, { policy: Policy | undefined }>({ max: most, ttl: keptMs })
  let changes = 0
  return (tenant) => {
    const stores = open(tenant)
    const { policy: stored } = stores
    /** Also where a write fails: it may have been done. */
    const changed = (): void => {
      changes++
      held.delete(tenant)
    }
    return {
      ...stores,
      policy: {
        async get() {
          const known = held.get(tenant)
          if (known) return known.policy
          const before = changes
          const policy = (await stored.get()) ?? configured.get(tenant)
          // One that was being read as it changed may be what it was.
          if (changes === before) held.set(tenant, { policy })
          return policy
        },
        async put(policy) {
          await stored.put(policy).finally(changed)
        },
        async delete() {
          return stored.delete().finally(changed)
        },
      },
    }
  }
}
