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

export const twinNotText = (written: string) =>
  new WeftError(
    'twin_not_text',
    `twin: "${written.slice(0, 80)}" is an expression of more than a base model and texts. A twin stands in where no composition can run: write a text, in quotes where it would be read as a name.`,
    { param: 'twin' },
  )

export const twinTakesText = () =>
  new WeftError('twin_takes_text', "The route's twin is a text before the prompt, and this prompt is tokens already. Send it as a text.", {
    status: 422,
    param: 'prompt',
  })

export const noTwin = (name: string) => new WeftError('no_twin', `The route "${name}" has no twin.`, { status: 500 })

export const twinCannot = (what: string) => new WeftError('no_twin', `A text cannot stand in for a composition that is to ${what}.`, { status: 500 })

export const noShadow = (name: string) => new WeftError('no_shadow', `The route "${name}" has no shadow.`, { status: 500 })

export const routeVersionNotFound = (name: string, version: number | undefined, known: readonly number[]) =>
  new WeftError(
    'route_version_not_found',
    version === undefined
      ? `The route "${name}" has no version before its newest, so there is nothing to go back to.`
      : `The route "${name}" has no version ${version}; it has ${known.join(', ') || 'none'}.`,
    { status: 404, param: 'version', details: { versions: known } },
  )

export const operatorsOnly = (what: string) =>
  new WeftError('operators_only', `${what} is for the operator of the deployment: use a key that may act on any tenant.`, { status: 403 })

export const invalidDays = (reason: string, param: string) => new WeftError('invalid_request', `${param}: ${reason}`, { param })
