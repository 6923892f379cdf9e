import type { Policy } from '../wire/policy/policy.ts'
import { covers } from './name-pattern.ts'

/** What is wrong, and where in the policy, spelled as on the wire. */
export interface Contradiction {
  path: string
  message: string
}

/** Where a policy says two things that cannot both be meant. That a bound is below 1 is a matter of its schema. */
export function contradictionsOf(policy: Policy): Contradiction[] {
  return [...strengthRange(policy), ...allowedAndDenied(policy), ...togetherWithItself(policy), ...moreThanADay(policy)]
}

function strengthRange({ strength: { min = -Infinity, max = Infinity } = {} }: Policy): Contradiction[] {
  return min > max ? [{ path: 'strength', message: `min is ${min} and max is ${max}: no strength lies between` }] : []
}

function allowedAndDenied({ allow = [], deny = [] }: Policy): Contradiction[] {
  return allow.flatMap((allowed, i) => {
    const denied = deny.find((pattern) => covers(pattern, allowed))
    return denied === undefined
      ? []
      : [{ path: `allow[${i}]`, message: `"${allowed}" is allowed and ${denied === allowed ? 'denied' : `denied by "${denied}"`}: take one of them out` }]
  })
}

function togetherWithItself({ neverTogether = [] }: Policy): Contradiction[] {
  return neverTogether.flatMap((patterns, list) =>
    patterns.flatMap((pattern, i) => {
      const other = patterns.find((each, j) => j !== i && covers(each, pattern) && (each !== pattern || j < i))
      return other === undefined
        ? []
        : [
            {
              path: `never_together[${list}][${i}]`,
              message: `"${pattern}" is ${other === pattern ? 'there twice' : `a part of "${other}"`}, and an adapter cannot be kept from itself`,
            },
          ]
    }),
  )
}

function moreThanADay({ maxTokens, tokensPerDay = Infinity, requestsPerMinute, requestsPerDay = Infinity, tokensPerMinute }: Policy): Contradiction[] {
  const more = (path: string, value: number | undefined, of: string, day: number): Contradiction[] =>
    value !== undefined && value > day ? [{ path, message: `it is ${value}, more than ${of} leaves for a whole day (${day})` }] : []
  return [
    ...more('max_tokens', maxTokens, 'tokens_per_day', tokensPerDay),
    ...more('tokens_per_minute', tokensPerMinute, 'tokens_per_day', tokensPerDay),
    ...more('requests_per_minute', requestsPerMinute, 'requests_per_day', requestsPerDay),
  ]
}
