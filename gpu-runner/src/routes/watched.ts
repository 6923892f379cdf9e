import { labelHeaders, parseTraceParent, traceHeader } from '@weft/protocol'
import { createMiddleware } from 'hono/factory'
import type { Logger } from 'pino'
import { RequestWatch } from '../metrics/request-watch.ts'
import type { RunnerMetrics } from '../metrics/runner-metrics.ts'
import type { RequestEnv } from './request-signal.ts'

/** Watches every inference request, and logs it in one line when it has ended: who asked for what, how it went, and for how long. */
export const watched = (metrics: RunnerMetrics, logger: Logger) =>
  createMiddleware<RequestEnv>(async (c, next) => {
    const { method, path } = c.req
    const parent = parseTraceParent(c.req.header(traceHeader))
    const asker = { tenant: c.req.header(labelHeaders.tenant) ?? '', route: c.req.header(labelHeaders.route) ?? '' }
    const watch = new RequestWatch(metrics, `${method} ${path}`, asker, parent)
    const requestId = c.get('requestId')
    const end = (status: number) => {
      const ms = Math.round(watch.end(status) * 10) / 10
      logger.info({ requestId, ...(parent && { traceId: parent.traceId }), ...asker, method, path, status, ms }, 'request')
    }
    c.set('watch', watch)
    c.set('ended', end)
    await next()
    if (!c.get('streams')) end(c.res.status)
  })
