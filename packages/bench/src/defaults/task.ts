/** A row of a training file: a text with a label, a text alone, or a prompt and its completion. */
export type Row = { text: string; label: string } | { text: string } | { prompt: string; completion: string }

/** A task in three parts that share no document: rows to learn from, rows that settings are chosen on, and rows that are only reported. */
export interface SplitTask {
  training: readonly Row[]
  validation: readonly Row[]
  heldOut: readonly Row[]
}
