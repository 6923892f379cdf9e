import type { Rule, Term, Terms } from './terms.ts'

/** Bytes of the shortest text of each term: Infinity for one that has none. A term may be empty exactly where it is 0. */
export interface ShortestText {
  (term: Term): number
  /** Forgets terms of this number and later ones. */
  forgetFrom(id: number): void
}

/**
 * Rules may hold themselves, so their lengths are found by iteration from above until nothing gets shorter. A rule mostly refers to later ones,
 * so the last comes first: a chain of them takes one round, not as many as it has links.
 * @throws WeftError `grammar_too_large`
 */
export function shortestTexts(terms: Terms): ShortestText {
  const rules = terms.rules.toReversed()
  const ofRules = new Map(rules.map((rule) => [rule, Number.POSITIVE_INFINITY]))
  for (let changed = true; changed; ) {
    changed = false
    const found = measure(ofRules, terms)
    for (const rule of rules) {
      const length = rule.body ? found(rule.body) : Number.POSITIVE_INFINITY
      if (length >= ofRules.get(rule)!) continue
      ofRules.set(rule, length)
      changed = true
    }
  }
  return measure(ofRules, terms)
}

function measure(ofRules: ReadonlyMap<Rule, number>, terms: Terms): ShortestText {
  const known = new Map<number, number>()
  const lengthOf = (term: Term): number => {
    switch (term.kind) {
      case 'nothing':
        return Number.POSITIVE_INFINITY
      case 'empty':
      case 'cut':
        return 0
      case 'bytes':
        return 1
      case 'sequence':
        return length(term.first) + length(term.rest)
      case 'choice':
        terms.spend(term.options.length / 8)
        return Math.min(...term.options.map(length))
      case 'repeat':
        return term.least === 0 ? 0 : term.least * length(term.of)
      case 'rule':
        return ofRules.get(term.rule) ?? Number.POSITIVE_INFINITY
    }
  }
  const length = (term: Term): number => {
    let found = known.get(term.id)
    if (found === undefined) {
      terms.spend(1)
      known.set(term.id, (found = lengthOf(term)))
    }
    return found
  }
  const forgetFrom = (id: number): void => {
    for (const each of known.keys()) if (each >= id) known.delete(each)
  }
  return Object.assign(length, { forgetFrom })
}
