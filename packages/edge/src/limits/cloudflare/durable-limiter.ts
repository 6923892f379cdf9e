import type { Limiter, Verdict } from '../limiter.ts'
import type { TenantLimitsRpc } from './tenant-limits-rpc.ts'

/** One Durable Object per tenant. */
export const durableLimiter = (namespace: DurableObjectNamespace<TenantLimitsRpc>): Limiter => ({
  reserve: async (tenant, reservation) => (await namespace.getByName(tenant).reserve(reservation)) as Verdict,
  settle: async (tenant, id, tokens) => {
    await namespace.getByName(tenant).settle(id, tokens)
  },
})
