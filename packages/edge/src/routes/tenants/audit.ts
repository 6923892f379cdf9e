import { auditListSchema } from '@weft/protocol'
import { Hono } from 'hono'
import { invalidRequest } from '../../errors.ts'
import { sendJson } from '../../http/body.ts'
import { checkCursor } from '../../http/cursor.ts'
import { endpoint } from '../../http/endpoint.ts'
import { pageQuery, readQuery } from '../../http/query.ts'
import type { Variables } from '../../http/variables.ts'
import { isAuditId } from '../../stores/tenants/audit-log.ts'

const listQuery = pageQuery({ usual: 100, most: 1000 })

/** `GET /v1/audit`: every change to what a tenant has. */
export const auditRoute = () =>
  new Hono<Variables>().get(
    '/v1/audit',
    endpoint({ summary: 'Changes, newest first', tag: 'Tenants', query: listQuery, answer: auditListSchema }),
    async (c) => {
      const { after, limit } = readQuery(c, listQuery)
      if (after !== undefined && !isAuditId(after)) throw invalidRequest('expected an id such as "audit-12"', 'after')
      const { audit } = c.get('stores')
      await checkCursor(after, audit.has)
      const { entries, hasMore } = await audit.page({ after, limit })
      return sendJson(c, { object: 'list', data: entries, hasMore })
    },
  )
