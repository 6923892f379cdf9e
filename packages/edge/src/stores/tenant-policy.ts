import type { Policy } from '@weft/protocol'

/** What one tenant's requests may ask, as an operator has set it. */
export interface TenantPolicy {
  get(): Promise<Policy | undefined>
  put(policy: Policy): Promise<void>
  /** Whether there was one. */
  delete(): Promise<boolean>
}
