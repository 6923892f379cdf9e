import type { Policy } from '@weft/protocol'
import type { TenantPolicy } from '../src/stores/tenant-policy.ts'

/** A tenant's policy in the memory of one process. */
export function memoryPolicy(): TenantPolicy {
  let held: Policy | undefined
  return {
    get: async () => structuredClone(held),
    put: async (policy) => void (held = structuredClone(policy)),
    async delete() {
      const existed = held !== undefined
      held = undefined
      return existed
    },
  }
}
