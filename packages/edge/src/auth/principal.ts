import type { Role } from '@weft/protocol'
import { defaultTenant } from '../stores/default-tenant.ts'

/** Who asks. Everything that depends on it (stores, roles, quotas, policies) takes it from here. */
export interface Principal {
  /** Whose stores it works on; part of every composition's key, so that tenants never share a cache entry. */
  tenant: string
  role: Role
  /** A key's id or a token's subject, as the audit log names it. */
  id: string
  /** What it is limited to; everything of its tenant where there is none. */
  scopes: readonly string[]
  /** Whether it may act on any tenant, naming it with `x-weft-tenant`. */
  anyTenant?: boolean
}

/** Who holds the key that a deployment begins with. */
export const bootstrapPrincipal: Principal = { tenant: defaultTenant, role: 'admin', id: 'bootstrap', scopes: [], anyTenant: true }
