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

/** The version that there must be for a change to take place (0: the config's, null: none yet); otherwise it is refused with `route_moved`. */
interface Over {
  expected?: number | null
}

const over = ({ expected }: Over): Record<string, string> =>
  expected === undefined ? {} : expected === null ? { 'if-none-match': '*' } : { 'if-match': `"${expected}"` }

export const routes = (send: Send) => ({
  async list(): Promise<RouteObject[]> {
    return (await readJson(routeListSchema, await send({ path: base }))).data
  },
  async get(name: string): Promise<RouteObject> {
    return readJson(routeSchema, await send({ path: `${base}/${segment(name)}` }))
  },
  /** Makes a route, or the next version of one. */
  async put(name: string, route: PutRoute, options: Over = {}): Promise<RouteObject> {
    const json = { schema: putRouteSchema, value: route }
    return readJson(routeSchema, await send({ method: 'PUT', path: `${base}/${segment(name)}`, headers: over(options), json }))
  },
  async delete(name: string, options: Over = {}): Promise<Deleted> {
    return readJson(deletedSchema, await send({ method: 'DELETE', path: `${base}/${segment(name)}`, headers: over(options) }))
  },
  /** Newest first. */
  async versions(name: string): Promise<RouteObject[]> {
    return (await readJson(routeListSchema, await send({ path: `${base}/${segment(name)}/versions` }))).data
  },
  /** Makes an earlier version the next one: the one before the newest, unless another is named. */
  async rollback(name: string, to: RollbackRoute = {}, options: Over = {}): Promise<RouteObject> {
    const json = { schema: rollbackRouteSchema, value: to }
    return readJson(routeSchema, await send({ method: 'POST', path: `${base}/${segment(name)}/rollback`, headers: over(options), json }))
  },
  /** Requests, tokens and latency by version and variant. */
  async metrics(name: string, { from, to }: Days = {}): Promise<RouteMetrics> {
    return readJson(routeMetricsSchema, await send({ path: `${base}/${segment(name)}/metrics`, query: { from, to } }))
  },
})
