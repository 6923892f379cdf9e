import { snakeCase, WeftError } from '@weft/adapters'
import type { Refusal } from '@weft/protocol'
import type { Verdict } from './limiter.ts'

export const policyRefused = (refusals: readonly Refusal[]) => {
  const [first, ...others] = refusals
  return new WeftError(
    'policy_refused',
    `The ${first!.policy}'s policy refuses this (${first!.rule}): ${first!.message}.${others.length ? ` ${others.length} more in details.refusals.` : ''}`,
    { status: 403, param: first!.rule === 'max_tokens' ? 'max_tokens' : 'model', details: { refusals } },
  )
}

/** How a limit is spoken of. */
const spoken: Record<string, string> = {
  concurrency: 'requests at once',
  requestsPerMinute: 'requests a minute',
  tokensPerMinute: 'tokens a minute',
  requestsPerDay: 'requests a day (UTC)',
  tokensPerDay: 'tokens a day (UTC)',
}

export const rateLimited = ({ scope, limit, most, retryAfterMs }: Extract<Verdict, { granted: false }>) => {
  const seconds = Math.max(1, Math.ceil(retryAfterMs / 1000))
  const whose = scope === 'tenant' ? 'This tenant' : `The route "${scope.slice(scope.indexOf(':') + 1)}"`
  return new WeftError('rate_limit_exceeded', `${whose} may have ${most} ${spoken[limit]}. Ask again in ${seconds} s.`, {
    status: 429,
    details: { limit: snakeCase(limit), most, scope, retry_after: seconds },
  })
}
