import { operatorsOnly, roleForbidden, wholeTenantOnly } from './errors.ts'
import { needsNoKey, permissions } from './permissions.ts'
import type { Principal } from './principal.ts'

/** Errors 403 `role_forbidden`, `operators_only`, `outside_scopes`, before anything is looked up: whether what was asked for exists makes no difference. @param path as readers write it */
export function permit(principal: Principal | undefined, method: string, path: string): void {
  if (needsNoKey(path)) return
  const endpoint = `${method} ${path}`
  const { roles: allowed = [], wholeTenant = false, operator = false } = permissions[endpoint] ?? {}
  if (!principal || !allowed.includes(principal.role)) throw roleForbidden(principal?.role ?? 'nobody', endpoint, allowed)
  if (operator && !principal.anyTenant) throw operatorsOnly(endpoint)
  if (wholeTenant && principal.scopes.length > 0) throw wholeTenantOnly(endpoint)
}
