import type { Policy } from '@weft/protocol'
import type { TenantPolicies } from '../src/stores/tenant-policies.ts'

/** Policies in the memory of one process. */
export function memoryPolicies(): TenantPolicies {
  const held = new Map<string, Policy>()
  return {
    get: async (tenant) => structuredClone(held.get(tenant)),
    put: async (tenant, policy) => void held.set(tenant, structuredClone(policy)),
    delete: async (tenant) => held.delete(tenant),
  }
}
