import type { Term, Terms } from './terms.ts'

/**
 * A term without the counts that no text of `bytes` bytes can tell: of a repetition, each takes a byte at least. So all states within a long
 * string of bounded length are one to short tokens.
 */
export function widened(terms: Terms, term: Term, bytes: number): Term {
  switch (term.kind) {
    case 'sequence':
      return terms.sequence(widened(terms, term.first, bytes), term.rest)
    case 'choice':
      return terms.choice(term.options.map((option) => widened(terms, option, bytes)))
    case 'repeat':
      return terms.repeat(term.of, Math.min(term.least, bytes + 1), term.most > bytes ? Number.POSITIVE_INFINITY : term.most)
    default:
      return term
  }
}
