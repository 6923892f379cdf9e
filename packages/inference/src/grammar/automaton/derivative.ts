import type { ShortestText } from './shortest-text.ts'
import type { Term, Terms } from './terms.ts'

/** What may follow once a text of `term` has begun with `byte` (Brzozowski 1964). */
export function derivative(terms: Terms, shortest: ShortestText, term: Term, byte: number): Term {
  const after = (of: Term): Term => {
    switch (of.kind) {
      case 'nothing':
      case 'empty':
        return terms.nothing
      case 'bytes':
        return of.ranges.some(([low, high]) => low <= byte && byte <= high) ? terms.empty : terms.nothing
      case 'sequence': {
        const within = terms.sequence(after(of.first), of.rest)
        return shortest(of.first) === 0 ? terms.choice([within, after(of.rest)]) : within
      }
      case 'choice':
        return terms.choice(of.options.map(after))
      case 'repeat':
        return terms.sequence(after(of.of), terms.repeat(of.of, Math.max(0, of.least - 1), of.most - 1))
      case 'rule':
        return after(of.rule.body!)
    }
  }
  return after(term)
}
