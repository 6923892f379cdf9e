import { Hono } from 'hono'
import { endpoint } from '../../http/endpoint.ts'
import type { Variables } from '../../http/variables.ts'
import { expectOk, type Transport } from '../../runner/http/transport.ts'

/** How long a runner may take to tell of itself, in milliseconds. */
const timeoutMs = 5000

/** `GET /v1/metrics`: the runner's metrics, as it tells them. They are of all tenants, and so for operators alone. */
export const metricsRoute = ({ transport }: { transport: Transport }) =>
  new Hono<Variables>().get(
    '/v1/metrics',
    endpoint({ summary: "The runner's metrics, in Prometheus' text format", tag: 'Operations', answers: ['text/plain'] }),
    async (c) => {
      const response = await expectOk(await transport({ path: '/metrics', timeoutMs, caller: c.get('caller') }))
      return c.body(await response.text(), 200, { 'content-type': response.headers.get('content-type') ?? 'text/plain' })
    },
  )
