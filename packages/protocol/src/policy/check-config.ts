import { parseValue } from '@weft/adapters'
import { contradictsItself } from '../errors.ts'
import { type PutRoute, putRouteSchema } from '../wire/adapters/routes.ts'
import { policySchema } from '../wire/policy/policy.ts'
import { contradictionsOfRoute } from './check-route.ts'
import { contradictionsOf } from './contradictions.ts'

interface Configured {
  models: Readonly<Record<string, unknown>>
  routes?: Readonly<Record<string, PutRoute>>
  tenants?: Readonly<Record<string, { policy?: unknown }>>
}

/** Errors 400 `policy_contradiction`, `invalid_request`, with the path in the config. */
export function checkConfiguredPolicies({ models, routes = {}, tenants = {} }: Configured): void {
  const found = [
    ...Object.entries(tenants).flatMap(([tenant, { policy }]) =>
      policy === undefined ? [] : within(`tenants.${tenant}.policy`, contradictionsOf(parseValue(policySchema, policy, `tenants.${tenant}.policy`))),
    ),
    ...Object.entries(routes).flatMap(([name, route]) =>
      within(`routes.${name}`, contradictionsOfRoute(parseValue(putRouteSchema, route, `routes.${name}`), ['base', ...Object.keys(models)])),
    ),
  ]
  if (found.length > 0) throw contradictsItself('weft.config.ts', found)
}

const within = <T extends { path: string }>(at: string, found: readonly T[]): T[] => found.map((each) => ({ ...each, path: `${at}.${each.path}` }))
