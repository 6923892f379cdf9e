/** Additive bias of a column that must not be seen: exp gives exactly 0, and a row of nothing else still has a softmax. */
export const MASKED = Math.fround(-1e30)
