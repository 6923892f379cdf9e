import type { Finding, Verdict } from '@weft/adapters'

/** Everything that a finding rests on. */
export interface Measured
  extends Pick<
    Verdict,
    'outcome' | 'score' | 'metrics' | 'trainingLoss' | 'baselines' | 'rows' | 'steps' | 'bestStep' | 'stoppedEarly' | 'silence' | 'before'
  > {
  labels: readonly string[]
  /** By label: training rows, held-out rows, and those of them that were found. Tokens, of a classifier of words. */
  classes: Readonly<Record<string, { training: number; heldOut: number; found: number }>>
  /** Held-out loss of the step that was kept, and of the last. */
  bestLoss?: number
  lastLoss?: number
  maxLength: number
  /** Positions that stand before a row, where the rows are as long as the context leaves room for: max_length raises nothing then. */
  contextTaken?: number
  /** Rows of which all that is learned was cut off; they are left out, and counted nowhere else. */
  unlearned?: number
  /** Rows that were not cut and of which nothing is learned all the same; they are left out too. */
  leftOut?: number
  /** Held-out rows that stand among the training rows too. */
  repeated: number
  /** Held-out rows that what it starts from was trained on. */
  learnedBefore?: number
  /** Whether rows of the training file were set aside to measure on: where none is counted, they teach nothing. */
  setAside?: boolean
  /** Passes over the training rows. */
  epochs: number
  /** Whether the loss on held-out rows is no finite number. */
  notFinite?: boolean
  /** Whether a stack was settled, whose request says nothing of rows, methods and most hyperparameters. */
  settled?: boolean
}

export type Check = (measured: Measured) => Finding | undefined
