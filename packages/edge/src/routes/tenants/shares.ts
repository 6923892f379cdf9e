import { errors } from '@weft/adapters'
import { deletedSchema, putShareSchema, shareListSchema, shareSchema } from '@weft/protocol'
import { Hono } from 'hono'
import { outsideScopes } from '../../auth/errors.ts'
import type { KnownTenants } from '../../auth/known-tenants.ts'
import type { Principal } from '../../auth/principal.ts'
import { invalidRequest } from '../../errors.ts'
import { sendJson } from '../../http/body.ts'
import { endpoint } from '../../http/endpoint.ts'
import { readQuery } from '../../http/query.ts'
import { readRequest } from '../../http/request.ts'
import type { Variables } from '../../http/variables.ts'
import type { Share } from '../../stores/tenants/shares.ts'

const tag = 'Tenants'

/** `/v1/shares`: which of a tenant's names others may read, under the same names. */
export const sharesRoute = ({ tenants }: { tenants: KnownTenants }) => {
  const describedTo =
    ({ anyTenant }: Principal) =>
    async (share: Share) => ({ object: 'share', ...share, ...(anyTenant && { readerKnown: share.reader === '*' || (await tenants.has(share.reader)) }) })
  return new Hono<Variables>()
    .get('/v1/shares', endpoint({ summary: 'Prefixes of names that are shared with other tenants', tag, answer: shareListSchema }), async (c) => {
      const { shares, allowed } = c.get('stores')
      const seen = (await shares.list()).filter(({ prefix }) => allowed.name(prefix))
      return sendJson(c, { object: 'list', data: await Promise.all(seen.map(describedTo(c.get('principal')))) })
    })
    .put('/v1/shares', endpoint({ summary: 'Share a prefix of names', tag, body: putShareSchema, answer: shareSchema }), async (c) => {
      const { prefix, reader } = await readRequest(c, putShareSchema)
      const { tenant, shares, allowed } = c.get('stores')
      if (!allowed.name(prefix)) throw outsideScopes(prefix, 'prefix')
      if (reader === tenant) throw invalidRequest('a tenant reads its own names already; expected another, or "*"', 'reader')
      await shares.put({ prefix, reader })
      return sendJson(c, await describedTo(c.get('principal'))({ owner: tenant, prefix, reader }))
    })
    .delete('/v1/shares', endpoint({ summary: 'Share a prefix no longer', tag, query: putShareSchema, answer: deletedSchema }), async (c) => {
      const { prefix, reader } = readQuery(c, putShareSchema)
      const { shares, allowed } = c.get('stores')
      const id = `${prefix} ${reader}`
      if (!allowed.name(prefix) || !(await shares.delete({ prefix, reader }))) throw errors.notFound('share', id, [], 'prefix')
      return sendJson(c, { id, object: 'share', deleted: true })
    })
}
