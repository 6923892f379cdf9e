import { inWords } from '@weft/adapters'
import { tenantHeader, tenantSchema } from '@weft/protocol'
import { invalidApiKey, localKeyElsewhere } from '../errors.ts'
import type { AllKeys } from '../stores/tenants/keys.ts'
import { hashOf, idOfSecret, sameHash } from './api-key.ts'
import { expiredApiKey, invalidTenant, revokedApiKey, tenantForbidden, tenantSuspended } from './errors.ts'
import type { KnownTenants } from './known-tenants.ts'
import { isLoopbackAddress, isLoopbackAuthority } from './loopback.ts'
import { bootstrapPrincipal, type Principal } from './principal.ts'
import type { RememberedKeys } from './remembered-keys.ts'

/** Work that goes on after the answer. */
export type Background = (work: Promise<unknown>) => void

/** Tells who sent a request, or throws: 401 `invalid_api_key`, `api_key_expired`, `api_key_revoked`; 403 `tenant_suspended`, `tenant_forbidden`; 404 `tenant_not_found`. */
export type Authenticate = (request: Request, background: Background) => Promise<Principal>

/** Tells whose a credential is; undefined for one that is not of its kind. */
export type Recognize = (credential: string, request: Request, background: Background) => Promise<Principal | undefined>

/** Asks each kind in turn, and looks at the tenant last: whether it is suspended is told to those alone who belong to it. */
export const authenticate =
  (kinds: readonly Recognize[], { isSuspended, tenants }: { isSuspended: (tenant: string) => boolean; tenants: Pick<KnownTenants, 'check'> }): Authenticate =>
  async (request, background) => {
    const credential = /^Bearer (.+)$/i.exec(request.headers.get('authorization') ?? '')?.[1]?.trim()
    if (!credential) throw invalidApiKey()
    for (const recognize of kinds) {
      const principal = await recognize(credential, request, background)
      if (!principal) continue
      const acting = actingOn(principal, request.headers.get(tenantHeader))
      if (acting !== principal) await tenants.check(acting.tenant, tenantHeader)
      if (isSuspended(acting.tenant) && !acting.anyTenant) throw tenantSuspended()
      return acting
    }
    throw invalidApiKey()
  }

/** One that may act on any tenant says on which; for any other there is its own alone, and all others are one as good as the other. */
function actingOn(principal: Principal, tenant: string | null): Principal {
  if (tenant === null || tenant === principal.tenant) return principal
  if (!principal.anyTenant) throw tenantForbidden('x-weft-tenant')
  const parsed = tenantSchema.safeParse(tenant)
  if (!parsed.success) throw invalidTenant(inWords(parsed.error.issues)[0]!.message)
  return { ...principal, tenant }
}

/** True when the request was made to this machine by this machine; `cf-connecting-ip` is who is at the other end, where a proxy says so. */
const isLocal = (request: Request): boolean => {
  const peer = request.headers.get('cf-connecting-ip')
  return isLoopbackAuthority(new URL(request.url).host) && (peer === null || isLoopbackAddress(peer))
}

/**
 * The key that a deployment begins with, known by its sha256 only. `localKeys`, where a local launcher gave some, are good on loopback only, and not at
 * all once there is such a key.
 */
export const bootstrapKey =
  ({ apiKeySha256, localKeys = [] }: { apiKeySha256?: string | undefined; localKeys?: readonly string[] }): Recognize =>
  async (credential, request) => {
    const hash = await hashOf(credential)
    if (apiKeySha256) return sameHash(hash, apiKeySha256.toLowerCase()) ? bootstrapPrincipal : undefined
    const matches = await Promise.all(localKeys.map(async (key) => sameHash(hash, await hashOf(key))))
    if (!matches.includes(true)) return undefined
    if (!isLocal(request)) throw localKeyElsewhere()
    return bootstrapPrincipal
  }

/** Between two notes of a key's last use. */
const usedEveryS = 60

/** Keys that were created: looked up by the part of the secret that may be seen, compared by the hash of all of it. */
export function createdKeys(remembered: RememberedKeys, keys: Pick<AllKeys, 'used'>, now: () => number): Recognize {
  return async (credential, _, background) => {
    const id = idOfSecret(credential)
    if (id === undefined) return undefined
    const [key, hash] = await Promise.all([remembered.find(id), hashOf(credential)])
    if (!key || !sameHash(hash, key.hash)) throw invalidApiKey()
    if (key.revokedAt !== null) throw revokedApiKey(id)
    if (key.expiresAt !== null && key.expiresAt <= now()) throw expiredApiKey(id)
    if ((key.usedAt ?? 0) <= now() - usedEveryS) {
      key.usedAt = now()
      background(keys.used(id, key.usedAt).catch((error: unknown) => console.error(`the last use of ${id} was not written`, error)))
    }
    return { tenant: key.tenant, role: key.role, id, scopes: key.scopes }
  }
}
