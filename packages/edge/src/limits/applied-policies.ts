import { type Asked, type Limits, limitNames, type Policy, type Refusal, type RouteObject, refusalsOf } from '@weft/protocol'
import type { ScopedLimits } from './limiter.ts'

/** What the policies that apply to a request say of it. */
export interface AppliedPolicies {
  /** Every rule that refuses it. */
  refusals: Refusal[]
  /** What counts it; empty where nothing does. */
  limits: ScopedLimits[]
  /** Most tokens of one answer. */
  maxTokens?: number
}

/** The tenant's policy and the route's, both of which must allow what is asked. What a route composes its writer has written, texts included. */
export function appliedPolicies(tenant: Policy | undefined, route: Pick<RouteObject, 'name' | 'policy'> | undefined, asked: Asked): AppliedPolicies {
  const ofTenant = route && tenant ? { ...tenant, text: undefined } : tenant
  const most = [tenant?.maxTokens, route?.policy?.maxTokens].filter((each) => each !== undefined)
  return {
    refusals: [...refusalsOf(ofTenant, asked, 'tenant'), ...refusalsOf(route?.policy, asked, 'route')],
    limits: [
      { scope: 'tenant' as const, limits: limitsOf(tenant) },
      { scope: `route:${route?.name ?? ''}` as const, limits: limitsOf(route?.policy) },
    ].filter(({ limits }) => Object.keys(limits).length > 0),
    ...(most.length > 0 ? { maxTokens: Math.min(...most) } : {}),
  }
}

const limitsOf = (policy: Policy = {}): Limits => Object.fromEntries(limitNames.flatMap((name) => (policy[name] === undefined ? [] : [[name, policy[name]]])))
