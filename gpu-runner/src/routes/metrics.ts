import { Hono } from 'hono'
import type { RunnerMetrics } from '../metrics/runner-metrics.ts'

/** `GET /metrics`, in Prometheus' text format. */
export const metricsRoutes = (metrics: RunnerMetrics) =>
  new Hono().get('/metrics', async (c) => c.text(await metrics.text(), 200, { 'content-type': metrics.registry.contentType }))
