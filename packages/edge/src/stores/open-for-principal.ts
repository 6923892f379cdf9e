import type { RouteObject } from '@weft/protocol'
import type { Principal } from '../auth/principal.ts'
import { configuredRoutes } from './configured-routes.ts'
import { defaultTenant, type OpenStores, type TenantStores } from './tenant-stores.ts'

/** Opens the stores of who asks: all that a request may see and change. */
export type OpenForPrincipal = (principal: Pick<Principal, 'tenant' | 'scopes'>) => TenantStores

/** Routes of the deployment's config belong to the default tenant. */
export const openForPrincipal =
  (open: OpenStores, configured: ReadonlyMap<string, RouteObject>): OpenForPrincipal =>
  ({ tenant }) => {
    const stores = open(tenant)
    return tenant === defaultTenant ? { ...stores, routes: configuredRoutes(configured, stores.routes) } : stores
  }
