/** What an expression may cost before anything is loaded. */
export const limits = {
  /** Characters of an expression. */
  length: 8192,
  /** Terms after `w*(a + b)` has been distributed, those inside mixes counted. */
  terms: 64,
  /** Parentheses and calls within one another. */
  depth: 16,
} as const
