import type { Rule } from '../rule.ts'

export const maxTokens: Rule = ({ maxTokens: most = Infinity }, { maxTokens: asked = 0 }) =>
  asked > most ? [`an answer of ${asked} tokens is asked for; at most ${most} are allowed`] : []
