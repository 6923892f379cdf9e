import { Hono } from 'hono'
import { endpoint } from '../../http/endpoint.ts'
import type { Variables } from '../../http/variables.ts'
import { expectOk } from '../../runner/http/transport.ts'
import { mergedMetrics } from '../../runner/pool/merged-metrics.ts'
import type { RunnerPool } from '../../runner/pool/runner-pool.ts'

/** How long a runner may take to tell of itself, in milliseconds. */
const timeoutMs = 5000

/** `GET /v1/metrics`: the runners' metrics, as they tell them. They are of all tenants, and so for operators alone. Of several, those that answer. */
export const metricsRoute = ({ pool }: { pool: RunnerPool }) =>
  new Hono<Variables>().get(
    '/v1/metrics',
    endpoint({ summary: "The runner's metrics, in Prometheus' text format", tag: 'Operations', answers: ['text/plain'] }),
    async (c) => {
      const members = await pool.membership.members()
      const scrapes = await Promise.allSettled(
        members.map(async ({ name, send }) => {
          const response = await expectOk(await send({ path: '/metrics', timeoutMs, caller: c.get('caller') }))
          return { runner: name, text: await response.text(), type: response.headers.get('content-type') ?? 'text/plain' }
        }),
      )
      const told = scrapes.flatMap((scrape) => (scrape.status === 'fulfilled' ? [scrape.value] : []))
      const [first] = told
      if (!first) throw (scrapes[0] as PromiseRejectedResult | undefined)?.reason ?? pool.nobody('inference')
      return c.body(members.length === 1 ? first.text : mergedMetrics(told), 200, { 'content-type': first.type })
    },
  )
