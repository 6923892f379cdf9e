import { nearest } from '@weft/adapters'
import { defaultTenant } from '../stores/default-tenant.ts'
import type { AllKeys } from '../stores/tenants/keys.ts'
import { tenantNotFound } from './errors.ts'

/** Which tenants there are, so that a slip of an operator's hand does not begin another. */
export interface KnownTenants {
  has(tenant: string): Promise<boolean>
  /** Error 404 `tenant_not_found`, with the nearest names. @param param where the name was said */
  check(tenant: string, param: string): Promise<void>
}

/** Tenants of the deployment's config, and those that have, or had, a key or a change in their audit log. */
export function knownTenants(keys: Pick<AllKeys, 'tenants' | 'isTenant'>, configured: readonly string[]): KnownTenants {
  // A tenant stays one: what was found once need not be looked for again.
  const found = new Set([defaultTenant, ...configured])
  const has = async (tenant: string): Promise<boolean> => {
    if (found.has(tenant)) return true
    if (!(await keys.isTenant(tenant))) return false
    found.add(tenant)
    return true
  }
  return {
    has,
    async check(tenant, param) {
      if (!(await has(tenant))) throw tenantNotFound(tenant, nearest(tenant, [...new Set([...found, ...(await keys.tenants())])]), param)
    },
  }
}
