import type { CanonicalTerm } from './canonical-form.ts'

/** Digests of the adapters that terms name, repetitions included. A term of strength 0 is gone by now. */
export const digestsOf = (terms: readonly CanonicalTerm[]): string[] =>
  terms.flatMap((term) => (term.kind === 'adapter' ? [term.digest] : term.kind === 'mix' ? term.args.flatMap((arg) => digestsOf(arg.terms)) : []))

/** What an adapter without a measured level counts with, in nats: one that was made before levels were measured, or elsewhere. */
const UNKNOWN_LEVEL = 1

/** What hardly differs from its base must not be divided by nothing, nor made loud by its own measure. Nats. */
export const leastLevel = 1e-3

/** What of an adapter's manifest says how loud it usually is. */
interface LevelOf {
  sites: readonly string[]
  training?: { level?: number | undefined } | undefined
}

/**
 * K of an operand of `experts(…)`: the loudest of its adapters' levels. Undefined of one that is texts alone: nobody trained it, it is meant for every request,
 * and its level is what it says in the answer itself.
 * @param manifestOf what an adapter's file says of it
 */
export function operandLevel(terms: readonly CanonicalTerm[], manifestOf: (digest: string) => LevelOf | undefined): number | undefined {
  const trained = digestsOf(terms).flatMap((digest) => {
    const manifest = manifestOf(digest)
    return manifest?.sites.every((site) => site === 'text') ? [] : [manifest]
  })
  if (trained.length === 0) return undefined
  const levels = trained.flatMap((manifest) => manifest?.training?.level ?? [])
  return levels.length === 0 ? UNKNOWN_LEVEL : Math.max(leastLevel, ...levels)
}
