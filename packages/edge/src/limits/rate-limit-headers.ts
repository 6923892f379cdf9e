import type { Allowance, Allowances } from './limiter.ts'

/** `x-ratelimit-*`, as OpenAI names them; nothing of what is not limited. */
export const rateLimitHeaders = ({ requests, tokens }: Allowances): [name: string, value: string][] => [...of('requests', requests), ...of('tokens', tokens)]

export const rateLimitHeaderNames = ['limit', 'remaining', 'reset'].flatMap((what) => ['requests', 'tokens'].map((kind) => `x-ratelimit-${what}-${kind}`))

const of = (kind: string, allowance: Allowance | undefined): [string, string][] =>
  allowance
    ? [
        [`x-ratelimit-limit-${kind}`, String(allowance.limit)],
        [`x-ratelimit-remaining-${kind}`, String(allowance.remaining)],
        [`x-ratelimit-reset-${kind}`, duration(allowance.resetMs)],
      ]
    : []

/** `6m0s`, `1.5s`, `20ms`: as Go spells a duration, and OpenAI with it. */
function duration(ms: number): string {
  if (ms < 1000) return `${ms}ms`
  const seconds = ms / 1000
  const [h, m, s] = [Math.floor(seconds / 3600), Math.floor(seconds / 60) % 60, Math.round((seconds % 60) * 1000) / 1000]
  return `${h ? `${h}h` : ''}${h || m ? `${m}m` : ''}${s}s`
}
