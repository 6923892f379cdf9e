import type { RouteObject } from '@weft/protocol'
import type { Principal } from '../../auth/principal.ts'
import { type Allowed, allowedBy } from '../../auth/scopes.ts'
import { type Uses, usesOf } from '../../collect/uses.ts'
import type { AdapterNames } from '../adapter-names.ts'
import { defaultTenant, type OpenStores, type TenantStores } from '../tenant-stores.ts'
import { audited, type RecordChange, recordChange } from './audited.ts'
import { configuredRoutes } from './configured-routes.ts'
import { filesOfRole } from './files-of-role.ts'
import { scopedAliases, scopedNames, scopedRoutes } from './scoped.ts'
import { scopedKeys } from './scoped-keys.ts'
import { sharedAliases } from './shared-aliases.ts'
import { sharedNames } from './shared-names.ts'
import type { Share } from './shares.ts'

/** A tenant's stores as one of its principals sees them. */
export interface PrincipalStores extends TenantStores {
  /** What the principal's scopes let through. */
  readonly allowed: Allowed
  /** Names as the compositions of routes mean them: whoever may call a route may call what it stands for. */
  readonly beneathRoutes: AdapterNames
  /** What uses what of the whole tenant, whatever of it the principal's scopes let through. */
  readonly uses: () => Promise<Uses>
  /** For changes that are made elsewhere than in a store: a job that is cancelled. */
  readonly record: RecordChange
}

/** Opens the stores of who asks: all that a request may see and change. */
export type OpenForPrincipal = (principal: Pick<Principal, 'tenant' | 'role' | 'scopes' | 'id'>, requestId: string | null) => PrincipalStores

interface Configured {
  /** Routes of the deployment's config, which belong to the default tenant. */
  routes: ReadonlyMap<string, RouteObject>
  shares: readonly Share[]
}

export const openForPrincipal =
  (open: OpenStores, configured: Configured): OpenForPrincipal =>
  ({ tenant, role, scopes, id }, requestId) => {
    const changer = { principal: id, requestId }
    const stores = audited(open(tenant), changer)
    const allowed = allowedBy(scopes)
    const sharesWith = async (): Promise<Share[]> => [
      ...configured.shares.filter(({ owner, reader }) => owner !== tenant && (reader === '*' || reader === tenant)),
      ...(await stores.shares.withThis()),
    ]
    const beneathRoutes = sharedNames(stores.names, sharesWith, (owner) => open(owner).names)
    const aliases = sharedAliases(stores.aliases, stores.names, sharesWith, open)
    const routes = tenant === defaultTenant ? configuredRoutes(configured.routes, stores.routes) : stores.routes
    return {
      ...stores,
      files: filesOfRole(stores.files, role),
      names: scopes.length ? scopedNames(beneathRoutes, allowed) : beneathRoutes,
      aliases: scopes.length ? scopedAliases(aliases, allowed) : aliases,
      keys: scopes.length ? scopedKeys(stores.keys, scopes) : stores.keys,
      routes: scopes.length ? scopedRoutes(routes, allowed) : routes,
      beneathRoutes,
      allowed,
      uses: () => usesOf({ ...stores, routes }),
      record: recordChange(stores, changer),
    }
  }
