import type { Rule } from '../rule.ts'

export const maxTerms: Rule = ({ maxTerms: most = Infinity }, { terms }) =>
  terms.length > most ? [`the expression has ${terms.length} adapters and texts; at most ${most} are allowed`] : []
