import { createdKeySchema, createKeySchema, type KeyObject, keyListSchema, keySchema, revokedKeySchema, rotateKeySchema } from '@weft/protocol'
import { Hono } from 'hono'
import { hashOf, newSecret } from '../../auth/api-key.ts'
import { keyIsSpent, keyNotFound, newTenantUnnamed, scopesTooWide, tenantExists, tenantForbidden } from '../../auth/errors.ts'
import type { KnownTenants } from '../../auth/known-tenants.ts'
import type { Principal } from '../../auth/principal.ts'
import { type Revoking, revokeKey } from '../../auth/revoke-key.ts'
import { within } from '../../auth/scopes.ts'
import { sendJson } from '../../http/body.ts'
import { checkCursor } from '../../http/cursor.ts'
import { endpoint } from '../../http/endpoint.ts'
import { pageQuery, readQuery } from '../../http/query.ts'
import { readOptionalRequest, readRequest } from '../../http/request.ts'
import type { Variables } from '../../http/variables.ts'
import { nowSeconds } from '../../identifiers.ts'
import type { Keys, StoredKey } from '../../stores/tenants/keys.ts'
import type { OpenForPrincipal } from '../../stores/tenants/open-for-principal.ts'

const tag = 'Tenants'
const listQuery = pageQuery()

async function found(keys: Keys, id: string, principal: Principal): Promise<StoredKey> {
  const key = await keys.get(id)
  if (!key) throw keyNotFound(id, principal)
  return key
}

/** Without the hash: what is stored to compare with is nobody's to see. */
const shown = ({ hash: _, ...key }: StoredKey): KeyObject => key

/** `/v1/keys`: API keys of a tenant. A secret is said once, as it is made. */
export const keysRoute = ({ open, tenants, ...revoking }: { open: OpenForPrincipal; tenants: KnownTenants } & Revoking) =>
  new Hono<Variables>()
    .get('/v1/keys', endpoint({ summary: 'List API keys, newest first', tag, query: listQuery, answer: keyListSchema }), async (c) => {
      const page = readQuery(c, listQuery)
      const stored = c.get('stores').keys
      await checkCursor(page.after, stored.get)
      const { keys, hasMore } = await stored.list(page)
      return sendJson(c, { object: 'list', data: keys.map(shown), hasMore })
    })
    .post('/v1/keys', endpoint({ summary: 'Create an API key', tag, body: createKeySchema, answer: createdKeySchema, status: 201 }), async (c) => {
      const { role, tenant, newTenant, name, scopes, expiresIn } = await readRequest(c, createKeySchema)
      const principal = c.get('principal')
      if (tenant !== undefined && tenant !== principal.tenant && !principal.anyTenant) throw tenantForbidden('tenant')
      if (newTenant && tenant === undefined) throw newTenantUnnamed()
      if (newTenant && (await tenants.has(tenant!))) throw tenantExists(tenant!)
      if (!newTenant && tenant !== undefined && tenant !== principal.tenant) await tenants.check(tenant, 'tenant')
      if (!within(principal.scopes, scopes)) throw scopesTooWide()
      const stores = tenant === undefined ? c.get('stores') : open({ ...principal, tenant }, c.get('requestId'))
      const { id, secret } = newSecret()
      const createdAt = nowSeconds()
      const key: StoredKey = {
        ...{ id, object: 'key', tenant: stores.tenant, role, name: name ?? null, scopes, createdAt },
        ...{ expiresAt: expiresIn === undefined ? null : createdAt + expiresIn, revokedAt: null, usedAt: null, rotatedTo: null, hash: await hashOf(secret) },
      }
      await stores.keys.create(key)
      return sendJson(c, { ...shown(key), secret }, 201)
    })
    .get('/v1/keys/:id', endpoint({ summary: 'One API key, without its secret', tag, answer: keySchema }), async (c) =>
      sendJson(c, shown(await found(c.get('stores').keys, c.req.param('id'), c.get('principal')))),
    )
    .delete('/v1/keys/:id', endpoint({ summary: 'Revoke an API key, and cancel what it began', tag, answer: revokedKeySchema }), async (c) => {
      const stores = c.get('stores')
      const { id } = await found(stores.keys, c.req.param('id'), c.get('principal'))
      const cancelled = await revokeKey(stores, id, revoking)
      return sendJson(c, { id, object: 'key', deleted: true, cancelled })
    })
    .post(
      '/v1/keys/:id/rotate',
      endpoint({ summary: 'Put a new secret in the place of an old one', tag, optionalBody: rotateKeySchema, answer: createdKeySchema, status: 201 }),
      async (c) => {
        const { grace, expiresIn } = await readOptionalRequest(c, rotateKeySchema)
        const { keys } = c.get('stores')
        const old = await found(keys, c.req.param('id'), c.get('principal'))
        const { id, secret } = newSecret()
        const createdAt = nowSeconds()
        const life = expiresIn ?? (old.expiresAt === null ? undefined : old.expiresAt - old.createdAt)
        const key: StoredKey = { ...old, id, createdAt, expiresAt: life === undefined ? null : createdAt + life, usedAt: null, hash: await hashOf(secret) }
        const until = Math.min(createdAt + grace, old.expiresAt ?? Number.POSITIVE_INFINITY)
        const replaced = await keys.replace(old.id, key, until).finally(() => revoking.rememberedKeys.forget(old.id))
        if (!replaced) throw keyIsSpent(old.id)
        return sendJson(c, { ...shown(key), secret }, 201)
      },
    )
