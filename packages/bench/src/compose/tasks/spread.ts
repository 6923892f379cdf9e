/** Every n-th of a task's rows. In whole numbers, so that no rounding chooses: that of the corpora takes a neighbour now and then, and rows of the evidence were chosen by each. */
export const spread = <T>(values: readonly T[], count: number): T[] =>
  Array.from({ length: Math.min(count, values.length) }, (_, i) => values[Math.floor((i * values.length) / Math.min(count, values.length))])
