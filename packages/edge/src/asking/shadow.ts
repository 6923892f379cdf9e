import type { Context } from 'hono'
import { afterAnswer } from '../http/after-answer.ts'
import type { Variables } from '../http/variables.ts'
import { Admission } from '../limits/admission.ts'
import { policyRefused } from '../limits/errors.ts'
import { chooseVariant } from '../resolve/choose-variant.ts'
import type { ResolvedModel, ResolveOptions } from '../resolve/resolve-model.ts'
import type { Caller } from '../runner/caller.ts'
import { Meter } from '../runner/meter.ts'
import type { AskDependencies } from './ask-dependencies.ts'
import { drain } from './shadow-copies.ts'
import { usageOf } from './usage-of.ts'

/** How long a copy may take: Cloudflare lets go on for 30 s after an answer, and what it did cost is to be noted in them. */
const longestMs = 25_000

interface Copied<T> {
  model: string
  found: ResolvedModel
  call: (found: ResolvedModel, caller: Caller) => Promise<T>
  request: ResolveOptions
  caller: Caller
}

/**
 * Sends a copy of a request to its route's shadow, and throws the answer away. Nobody waits for it and nothing of it reaches the client; what it costs
 * is noted apart. It is left out where the route's share, its copies under way or its tokens of the day say so.
 */
export function copyToShadow<T>(
  c: Context<Variables>,
  { resolve, hashFirst, limiter, recordUsage, shadows }: AskDependencies,
  { model, found, call, request, caller }: Copied<T>,
): void {
  const { share, concurrency, tokensPerDay } = found.shadow!
  const { tenant } = request.stores
  const route = found.route!
  const halves = [
    { name: 'copied', composition: '', weight: share },
    { name: 'left', composition: '', weight: 1 - share },
  ]
  if (chooseVariant({ name: `shadow of ${route}`, composition: '', variants: halves }, caller.requestId ?? '').variant !== 'copied') return
  const { promptTokens = 0, answers = 0, maxTokens = 256 } = c.get('asked') ?? {}

  const copy = async (): Promise<void> => {
    const meter = new Meter()
    const asking: Caller = {
      signal: AbortSignal.timeout(longestMs),
      until: Date.now() + longestMs,
      meter,
      ...(caller.requestId === undefined ? {} : { requestId: `${caller.requestId}-shadow` }),
    }
    const admission = new Admission(limiter, tenant)
    const limits = [{ scope: `shadow:${route}` as const, limits: { tokensPerDay } }]
    // A day whose tokens are spent has no more copies, which is no failure of anything.
    const admitted = admission.admit(limits, { tokens: promptTokens + answers * maxTokens, longestMs })?.then(
      () => true,
      () => false,
    )
    if (!(await admitted)) return
    let shadow: ResolvedModel | undefined
    let failure: unknown
    try {
      const { answer } = await hashFirst(
        async ({ fresh }) => {
          shadow = await resolve(model, { ...request, fresh, as: 'shadow', signal: asking.signal })
          // What it composes is another thing than what was asked, and policies may have come after the route.
          const { refusals } = shadow.policies
          if (refusals.length > 0) throw policyRefused(refusals)
          return shadow
        },
        // It goes by its route's priority, and by no tenant's share: a copy has no tenant.
        (of, placement) => call(of, { ...asking, placement, priority: of.policies.scheduling.priority ?? 0 }),
        asking,
      )
      await drain(answer)
      meter.asked()
    } catch (error) {
      failure = error
      meter.stop()
    }
    const cost = await meter.ended
    await Promise.all([
      admission.settle(cost),
      recordUsage(tenant, ...usageOf(shadow ?? { route, routeVersion: found.routeVersion! }, cost, failure, 'shadow')),
    ])
  }
  afterAnswer(c, shadows.run(`${tenant} ${route}`, concurrency, copy))
}
