import type { ShortestText } from './shortest-text.ts'
import type { Term, Terms } from './terms.ts'

/**
 * A term that was let go of, made anew of those that there are. What was compiled, the first `compiled` of all, is never let go of. A sequence is
 * made and measured from its end on, by a loop: of a deep document, it is as long as the document is deep.
 */
export function remade(terms: Terms, shortest: ShortestText, term: Term, compiled: number): Term {
  const known = new Map<Term, Term>()
  const isKnown = (of: Term): boolean => of.id < compiled || known.has(of)
  const made = (of: Term): Term => {
    if (!isKnown(of)) within(of)
    return known.get(of) ?? of
  }
  const within = (of: Term): void => {
    const parts: Extract<Term, { kind: 'sequence' }>[] = []
    let rest = of
    for (; rest.kind === 'sequence' && !isKnown(rest); rest = rest.rest) parts.push(rest)
    if (parts.length === 0) known.set(of, alone(of))
    let then = made(rest)
    for (const part of parts.reverse()) {
      known.set(part, (then = terms.sequence(made(part.first), then)))
      shortest(then)
    }
  }
  const alone = (of: Term): Term => {
    switch (of.kind) {
      case 'choice':
        return terms.choice(of.options.map(made))
      case 'repeat':
        return terms.repeat(made(of.of), of.least, of.most)
      case 'bytes':
        return terms.bytes(of.ranges)
      default:
        return of
    }
  }
  return made(term)
}
