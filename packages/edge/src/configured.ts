import { parseValue } from '@weft/adapters'
import { gateFiles, type Policy, putRouteSchema, type RouteObject, type WeftConfig } from '@weft/protocol'
import type { ConfiguredUses } from './collect/collect-garbage.ts'
import { routeObject } from './resolve/route-object.ts'
import type { Share } from './stores/tenants/shares.ts'

/** What the configuration itself uses, so that nothing of it is collected. */
export const usesOfConfig = (config: WeftConfig): ConfiguredUses => ({
  files: new Map(gateFiles(config.publish).map((id) => [id, 'the publish gate evaluates on it'])),
  shares: sharesOf(config),
})

/** Which names each tenant shares, and with whom. */
export const sharesOf = ({ tenants = {} }: WeftConfig): Share[] =>
  Object.entries(tenants).flatMap(([owner, { shares = [] }]) => shares.flatMap(({ prefix, readers }) => readers.map((reader) => ({ owner, prefix, reader }))))

/** Routes that are there from the start. */
export const routesOf = ({ routes = {} }: WeftConfig): Map<string, RouteObject> =>
  new Map(Object.entries(routes).map(([name, route]) => [name, { ...routeObject(name, parseValue(putRouteSchema, route), 0), version: 0 }]))

/** Policies of tenants. */
export const policiesOf = ({ tenants = {} }: WeftConfig): Map<string, Policy> =>
  new Map(Object.entries(tenants).flatMap(([tenant, { policy }]) => (policy ? [[tenant, policy] as const] : [])))
