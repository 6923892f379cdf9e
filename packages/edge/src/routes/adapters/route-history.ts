import { type RouteMetrics, rollbackRouteSchema, routeListSchema, routeMetricsSchema, routeSchema } from '@weft/protocol'
import { Hono } from 'hono'
import * as z from 'zod/mini'
import { sendJson } from '../../http/body.ts'
import { endpoint } from '../../http/endpoint.ts'
import { preconditionHeaders, versionPrecondition } from '../../http/preconditions.ts'
import { readQuery } from '../../http/query.ts'
import { readOptionalRequest } from '../../http/request.ts'
import type { Variables } from '../../http/variables.ts'
import { routeVersionNotFound } from '../../resolve/errors.ts'
import type { ModelCatalog } from '../../resolve/model-catalog.ts'
import type { UsageRow } from '../../stores/usage.ts'
import { daysQuery, spanOf } from '../../usage/usage-span.ts'
import { UsageSums } from '../../usage/usage-sums.ts'
import { foundRoute } from './found-route.ts'
import { sendRoute } from './send-route.ts'
import { checkRouteName, storeRoute } from './store-route.ts'

const tag = 'Routes'
const written = z.omit(routeSchema, { id: true, object: true, name: true, version: true, updatedAt: true })

/** `/v1/routes/{name}/versions`, `/rollback`, `/metrics`: what a route was, and how each of its variants does. */
export const routeHistoryRoute = ({ catalog }: { catalog: ModelCatalog }) =>
  new Hono<Variables>()
    .get('/v1/routes/:nameVersions{.+/versions}', endpoint({ summary: 'Versions of a route, newest first', tag, answer: routeListSchema }), async (c) => {
      const name = c.req.param('nameVersions').slice(0, -'/versions'.length)
      const { routes } = c.get('stores')
      const versions = await routes.versions(name)
      if (versions.length === 0) await foundRoute(routes, name)
      return sendJson(c, { object: 'list', data: versions })
    })
    .post(
      '/v1/routes/:nameRollback{.+/rollback}',
      endpoint({
        summary: 'Make an earlier version the next one',
        tag,
        headers: preconditionHeaders,
        optionalBody: rollbackRouteSchema,
        answer: routeSchema,
      }),
      async (c) => {
        const name = c.req.param('nameRollback').slice(0, -'/rollback'.length)
        const { to, version = to } = await readOptionalRequest(c, rollbackRouteSchema)
        const stores = c.get('stores')
        const versions = await stores.routes.versions(name)
        if (versions.length === 0) await foundRoute(stores.routes, name)
        const earlier = version === undefined ? versions[1] : versions.find((route) => route.version === version)
        if (!earlier)
          throw routeVersionNotFound(
            name,
            version,
            versions.map((route) => route.version),
          )
        const { composition, variants, ...rest } = z.parse(written, earlier)
        const route = { ...rest, ...(variants ? { variants } : { composition }) }
        // Of one that was deleted, the name may be another's by now.
        if (!(await stores.routes.get(name))) await checkRouteName(name, stores, catalog)
        return sendRoute(c, await storeRoute(name, route, stores, catalog, versionPrecondition(c)))
      },
    )
    .get(
      '/v1/routes/:nameMetrics{.+/metrics}',
      endpoint({ summary: 'Requests, tokens and latency by version and variant', tag, query: daysQuery, answer: routeMetricsSchema }),
      async (c) => {
        const name = c.req.param('nameMetrics').slice(0, -'/metrics'.length)
        const { routes, usage } = c.get('stores')
        await foundRoute(routes, name)
        const span = spanOf(readQuery(c, daysQuery), Date.now())
        const rows = await usage.list({ ...span, route: name })
        return sendJson(c, { object: 'route.metrics', route: name, ...span, data: byVariant(rows) })
      },
    )

function byVariant(rows: readonly UsageRow[]): RouteMetrics['data'] {
  const sums = new UsageSums(({ version, variant, kind }) => [version, variant, kind], rows)
  return sums.rows.map(({ version, variant, kind, requests, failed, limited, promptTokens, completionTokens, totalMs, streamed, firstTokenMs }) => ({
    version,
    ...(variant === '' ? {} : { variant }),
    kind,
    requests,
    failed,
    limited,
    promptTokens,
    completionTokens,
    meanMs: requests > failed ? totalMs / (requests - failed) : null,
    meanFirstTokenMs: streamed > 0 ? firstTokenMs / streamed : null,
  }))
}
