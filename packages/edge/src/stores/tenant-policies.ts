import type { Policy } from '@weft/protocol'
import { LRUCache } from 'lru-cache'

/** What each tenant's requests may ask, as an operator has set it. */
export interface TenantPolicies {
  get(tenant: string): Promise<Policy | undefined>
  put(tenant: string, policy: Policy): Promise<void>
  /** Whether there was one. */
  delete(tenant: string): Promise<boolean>
}

/** Every request asks for a policy; an isolate keeps an answer, so a change takes that long at most to be everywhere. */
const keptMs = 10_000
const most = 10_000

/** Policies with what an isolate remembers of them. Those of the deployment's config lie beneath those that were PUT. */
export function rememberedPolicies(stored: TenantPolicies, configured: ReadonlyMap<string, Policy>): TenantPolicies {
  const held = new LRUCache<string, { policy: Policy | undefined }>({ max: most, ttl: keptMs })
  return {
    async get(tenant) {
      const known = held.get(tenant)
      if (known) return known.policy
      const policy = (await stored.get(tenant)) ?? configured.get(tenant)
      held.set(tenant, { policy })
      return policy
    },
    async put(tenant, policy) {
      await stored.put(tenant, policy)
      held.delete(tenant)
    },
    async delete(tenant) {
      const existed = await stored.delete(tenant)
      held.delete(tenant)
      return existed
    },
  }
}
