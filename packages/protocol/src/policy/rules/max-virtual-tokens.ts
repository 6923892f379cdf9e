import type { Rule } from '../rule.ts'

/** Positions that the composition takes. */
export const maxVirtualTokens: Rule = ({ maxVirtualTokens: most = Infinity }, { virtualTokens = 0 }) =>
  virtualTokens > most ? [`the composition takes ${virtualTokens} virtual tokens; at most ${most} are allowed`] : []
