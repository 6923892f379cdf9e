import type { RequestSeen } from '@weft/edge/host'
import { Counter, collectDefaultMetrics, Histogram, Registry } from 'prom-client'

/** What a scraper reads of this process: requests by endpoint and status, and what Node says of itself. No names of tenants or routes. */
export interface EdgeMetrics {
  see(seen: RequestSeen): void
  text(): Promise<{ type: string; body: string }>
}

export function edgeMetrics(): EdgeMetrics {
  const registry = new Registry()
  collectDefaultMetrics({ register: registry })
  const labelNames = ['method', 'endpoint', 'status'] as const
  const requests = new Counter({ name: 'weft_edge_requests_total', help: 'Requests answered.', labelNames, registers: [registry] })
  const seconds = new Histogram({
    name: 'weft_edge_request_seconds',
    help: 'Seconds until an answer began, or ended where blanks went ahead of it.',
    labelNames: ['endpoint'],
    buckets: [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60],
    registers: [registry],
  })
  return {
    see({ method, endpoint, status, ms }) {
      requests.inc({ method, endpoint, status: String(status) })
      seconds.observe({ endpoint }, ms / 1000)
    },
    text: async () => ({ type: registry.contentType, body: await registry.metrics() }),
  }
}
