/** Limits of an expression, checked before any adapter is loaded. */
export const limits = {
  /** Characters of an expression. */
  length: 8192,
  /** Terms after `w*(a + b)` has been distributed, those inside mixes counted. */
  terms: 64,
  /** Depth of nested parentheses and calls. */
  depth: 16,
  /** Operands whose outputs are combined: each is a row of the decode batch. */
  operands: 8,
  /** Size of a strength. What is trained is used near 1; far beyond this, float32 overflows. */
  strength: 1e6,
} as const

/** What a strength may be, for errors. */
/** What is not 0 is not taken for it: a term of strength 0 is left out. */
export const tooSmall = 'it is so near 0 that no number is; write 0 to leave the term out, or a larger one'
export const strengthRange = `it must be a number from -${limits.strength} to ${limits.strength}`
