import { type Asked, type Limits, limitNames, type Policy, type Refusal, type RouteObject, refusalsOf } from '@weft/protocol'
import type { Scheduling } from '../runner/caller.ts'
import type { ScopedLimits } from './limiter.ts'

/** What the policies that apply to a request say of it. */
export interface AppliedPolicies {
  /** Every rule that refuses it. */
  refusals: Refusal[]
  /** What counts it; empty where nothing does. */
  limits: ScopedLimits[]
  /** Most tokens of one answer. */
  maxTokens?: number
  /** How the runner's scheduler takes it. */
  scheduling: Scheduling
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
    scheduling: schedulingOf(tenant, route?.policy),
  }
}

const limitsOf = (policy: Policy = {}): Limits => Object.fromEntries(limitNames.flatMap((name) => (policy[name] === undefined ? [] : [[name, policy[name]]])))

/** A tenant's routes choose among priorities that the operator leaves them: none goes before what the tenant's policy says. */
export function schedulingOf({ weight, priority: soonest = 0 }: Policy = {}, { priority = 0 }: Policy = {}): Scheduling {
  const bounded = Math.max(soonest, priority)
  return { ...(weight === undefined ? {} : { tenantWeight: weight }), ...(bounded === 0 ? {} : { priority: bounded }) }
}
