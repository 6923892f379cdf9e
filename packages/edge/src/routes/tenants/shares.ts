import { errors } from '@weft/adapters'
import { deletedSchema, putShareSchema, shareListSchema, shareSchema } from '@weft/protocol'
import { Hono } from 'hono'
import { outsideScopes } from '../../auth/errors.ts'
import { invalidRequest } from '../../errors.ts'
import { sendJson } from '../../http/body.ts'
import { endpoint } from '../../http/endpoint.ts'
import { readQuery } from '../../http/query.ts'
import { readRequest } from '../../http/request.ts'
import type { Variables } from '../../http/variables.ts'

const tag = 'Tenants'

/** `/v1/shares`: which of a tenant's names others may read, under the same names. */
export const sharesRoute = () =>
  new Hono<Variables>()
    .get('/v1/shares', endpoint({ summary: 'Prefixes of names that are shared with other tenants', tag, answer: shareListSchema }), async (c) =>
      sendJson(c, { object: 'list', data: (await c.get('stores').shares.list()).map((share) => ({ object: 'share', ...share })) }),
    )
    .put('/v1/shares', endpoint({ summary: 'Share a prefix of names', tag, body: putShareSchema, answer: shareSchema }), async (c) => {
      const { prefix, reader } = await readRequest(c, putShareSchema)
      const { tenant, shares, allowed } = c.get('stores')
      if (!allowed.name(prefix)) throw outsideScopes(prefix, 'prefix')
      if (reader === tenant) throw invalidRequest('a tenant reads its own names already; expected another, or "*"', 'reader')
      await shares.put({ prefix, reader })
      return sendJson(c, { object: 'share', owner: tenant, prefix, reader })
    })
    .delete('/v1/shares', endpoint({ summary: 'Share a prefix no longer', tag, query: putShareSchema, answer: deletedSchema }), async (c) => {
      const { prefix, reader } = readQuery(c, putShareSchema)
      const { shares, allowed } = c.get('stores')
      const id = `${prefix} ${reader}`
      if (!allowed.name(prefix) || !(await shares.delete({ prefix, reader }))) throw errors.notFound('share', id, [], 'prefix')
      return sendJson(c, { id, object: 'share', deleted: true })
    })
