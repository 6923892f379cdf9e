import { usageListSchema } from '@weft/protocol'
import { Hono } from 'hono'
import * as z from 'zod/mini'
import { sendJson } from '../../http/body.ts'
import { endpoint } from '../../http/endpoint.ts'
import { readQuery } from '../../http/query.ts'
import type { Variables } from '../../http/variables.ts'
import type { UsageRow } from '../../stores/usage.ts'
import { daysQuery, spanOf } from '../../usage/usage-span.ts'
import { UsageSums } from '../../usage/usage-sums.ts'

const query = z.extend(daysQuery, { route: z.optional(z.string().check(z.maxLength(128))) })

/** `GET /v1/usage`: what the tenant's requests came to, by day, route and kind. */
export const usageRoute = () =>
  new Hono<Variables>().get(
    '/v1/usage',
    endpoint({ summary: 'Requests and tokens by day and route', tag: 'Operations', query, answer: usageListSchema }),
    async (c) => {
      const { route, ...days } = readQuery(c, query)
      const span = spanOf(days, Date.now())
      const { tenant, usage } = c.get('stores')
      const rows = await usage.list({ ...span, route })
      return sendJson(c, { object: 'list', tenant, ...span, data: byRoute(rows) })
    },
  )

function byRoute(rows: readonly UsageRow[]) {
  const sums = new UsageSums(({ day, route, kind }) => [day, route, kind], rows)
  return sums.rows.map(({ day, route, kind, requests, failed, limited, promptTokens, completionTokens }) => ({
    object: 'usage' as const,
    day,
    route: route === '' ? null : route,
    kind,
    requests,
    failed,
    limited,
    promptTokens,
    completionTokens,
    totalTokens: promptTokens + completionTokens,
  }))
}
