import type { ShortestText } from './shortest-text.ts'
import type { Term, Terms } from './terms.ts'

/**
 * What may follow once a text of `term` has begun with `byte` (Brzozowski 1964). A part that stands in several places, as rules do that refer to one another, is
 * followed once: of such there may be more places than could ever be gone through.
 */
export function derivative(terms: Terms, shortest: ShortestText, term: Term, byte: number): Term {
  const known = new Map<number, Term>()
  const after = (of: Term): Term => {
    if (of.kind === 'nothing' || of.kind === 'empty' || of.kind === 'cut') return terms.nothing
    if (of.kind === 'bytes') return of.ranges.some(([low, high]) => low <= byte && byte <= high) ? terms.empty : terms.nothing
    let found = known.get(of.id)
    if (found === undefined) {
      terms.spend(1)
      known.set(of.id, (found = within(of)))
    }
    return found
  }
  const within = (of: Exclude<Term, { kind: 'nothing' | 'empty' | 'cut' | 'bytes' }>): Term => {
    switch (of.kind) {
      case 'sequence': {
        const begun = terms.sequence(after(of.first), of.rest)
        return shortest(of.first) === 0 ? terms.choice([begun, after(of.rest)]) : begun
      }
      case 'choice': {
        const options = of.options.map(after)
        return options.find(isDecided) ?? terms.choice(options)
      }
      case 'repeat':
        return terms.sequence(after(of.of), terms.repeat(of.of, Math.max(0, of.least - 1), of.most - 1))
      case 'rule':
        return after(of.rule.body!)
    }
  }
  return after(term)
}

const isDecided = (term: Term): boolean => term.kind === 'sequence' && term.first.kind === 'cut'
