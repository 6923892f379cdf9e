import type { Context } from 'hono'
import { afterAnswer } from '../http/after-answer.ts'
import type { Variables } from '../http/variables.ts'
import { Admission } from '../limits/admission.ts'
import type { Limiter } from '../limits/limiter.ts'
import { rateLimitHeaders } from '../limits/rate-limit-headers.ts'
import type { ResolveModel } from '../resolve/resolve-model.ts'

/**
 * Resolves what is not asked then, only told about. Where a runner has to choose for that what of `auto(…)` acts, it counts as a request; nothing else of it costs a
 * runner anything. Errors: those of resolving, 429 `rate_limit_exceeded`.
 */
export const countingChoices =
  (resolve: ResolveModel, limiter: Limiter) =>
  async (c: Context<Variables>, ...[model, options]: Parameters<ResolveModel>): ReturnType<ResolveModel> => {
    const admission = new Admission(limiter, options.stores.tenant)
    try {
      return await resolve(model, {
        ...options,
        caller: c.get('caller'),
        beforeChoice: async ({ policies }) =>
          admission.admit(policies.limits, {
            tokens: 0,
            longestMs: Math.max(0, c.get('caller').until - Date.now()),
            onVerdict: (allowances) => {
              for (const [name, value] of rateLimitHeaders(allowances)) c.header(name, value)
            },
          }),
      })
    } finally {
      afterAnswer(c, admission.settle({ promptTokens: 0, completionTokens: 0, totalMs: 0 }))
    }
  }
