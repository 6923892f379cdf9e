import type { ShortestText } from './shortest-text.ts'
import type { Rule, Term } from './terms.ts'

/** A rule that stands at its own beginning, so that no byte is read before it is met again; null where there is none. */
export function leftRecursion(rules: readonly Rule[], shortest: ShortestText): Rule | null {
  const states = new Map<Rule, 'open' | 'done'>()
  const leads = (rule: Rule): Rule | null => {
    if (states.get(rule) === 'open') return rule
    if (states.get(rule) === 'done') return null
    states.set(rule, 'open')
    const found = within(rule.body!)
    states.set(rule, 'done')
    return found
  }
  const within = (term: Term): Rule | null => {
    switch (term.kind) {
      case 'sequence':
        return within(term.first) ?? (shortest(term.first) === 0 ? within(term.rest) : null)
      case 'choice':
        for (const option of term.options) {
          const found = within(option)
          if (found) return found
        }
        return null
      case 'repeat':
        return within(term.of)
      case 'rule':
        return leads(term.rule)
      default:
        return null
    }
  }
  for (const rule of rules) {
    const found = leads(rule)
    if (found) return found
  }
  return null
}
