import type { Limiter } from './limiter.ts'
import { noStorage } from './limits-storage.ts'
import { TenantLimits } from './tenant-limits.ts'

/** Limits in the memory of one process, which is then the only one that may ask. */
export function memoryLimiter(now: () => number = Date.now): Limiter {
  const held = new Map<string, TenantLimits>()
  const of = (tenant: string): TenantLimits => {
    let limits = held.get(tenant)
    if (!limits) held.set(tenant, (limits = new TenantLimits(noStorage)))
    return limits
  }
  return {
    reserve: async (tenant, reservation) => of(tenant).reserve(reservation, now()),
    settle: async (tenant, id, tokens) => of(tenant).settle(id, tokens, now()),
  }
}
