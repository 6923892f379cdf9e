import type { CanonicalTerm } from './canonical-form.ts'

/** Digests of the adapters that terms name, repetitions included. A term of strength 0 is gone by now. */
export const digestsOf = (terms: readonly CanonicalTerm[]): string[] =>
  terms.flatMap((term) => (term.kind === 'adapter' ? [term.digest] : term.kind === 'mix' ? term.args.flatMap((arg) => digestsOf(arg.terms)) : []))

/** What an operand without a measured level counts with, in nats: a text, or an adapter that was made before levels were measured. */
const UNKNOWN_LEVEL = 1

/** An adapter that hardly differs from its base must not be divided by nothing. */
const LEAST_LEVEL = 1e-3

/** K of an operand of `experts(…)`: the loudest of its adapters' levels. @param levelOf what an adapter's manifest says */
export function operandLevel(terms: readonly CanonicalTerm[], levelOf: (digest: string) => number | undefined): number {
  const levels = digestsOf(terms).flatMap((digest) => levelOf(digest) ?? [])
  return levels.length === 0 ? UNKNOWN_LEVEL : Math.max(LEAST_LEVEL, ...levels)
}
