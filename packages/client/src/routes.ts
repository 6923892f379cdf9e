import {
  type Deleted,
  deletedSchema,
  type PutRoute,
  putRouteSchema,
  type RollbackRoute,
  type RouteMetrics,
  type RouteObject,
  rollbackRouteSchema,
  routeListSchema,
  routeMetricsSchema,
  routeSchema,
} from '@weft/protocol'
import { readJson, type Send, segment } from './transport/request.ts'

const base = '/v1/routes'

/** Days in UTC, both included, as `2026-11-26`; the last 30 without them. */
export interface Days {
  from?: string
  to?: string
}

export const routes = (send: Send) => ({
  async list(): Promise<RouteObject[]> {
    return (await readJson(routeListSchema, await send({ path: base }))).data
  },
  async get(name: string): Promise<RouteObject> {
    return readJson(routeSchema, await send({ path: `${base}/${segment(name)}` }))
  },
  /** Makes a route, or the next version of one. With `expected` only over that version (0: the config's, null: where there is none yet); otherwise `route_moved`. */
  async put(name: string, route: PutRoute, { expected }: { expected?: number | null } = {}): Promise<RouteObject> {
    const headers: Record<string, string> = expected === undefined ? {} : expected === null ? { 'if-none-match': '*' } : { 'if-match': `"${expected}"` }
    return readJson(routeSchema, await send({ method: 'PUT', path: `${base}/${segment(name)}`, headers, json: { schema: putRouteSchema, value: route } }))
  },
  async delete(name: string): Promise<Deleted> {
    return readJson(deletedSchema, await send({ method: 'DELETE', path: `${base}/${segment(name)}` }))
  },
  /** Newest first. */
  async versions(name: string): Promise<RouteObject[]> {
    return (await readJson(routeListSchema, await send({ path: `${base}/${segment(name)}/versions` }))).data
  },
  /** Makes an earlier version the next one: the one before the newest, unless another is named. */
  async rollback(name: string, to: RollbackRoute = {}): Promise<RouteObject> {
    const json = { schema: rollbackRouteSchema, value: to }
    return readJson(routeSchema, await send({ method: 'POST', path: `${base}/${segment(name)}/rollback`, json }))
  },
  /** Requests, tokens and latency by version and variant. */
  async metrics(name: string, { from, to }: Days = {}): Promise<RouteMetrics> {
    return readJson(routeMetricsSchema, await send({ path: `${base}/${segment(name)}/metrics`, query: { from, to } }))
  },
})
