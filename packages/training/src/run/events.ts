import type { Verdict } from '@weft/adapters'

/** What a run reports while it goes. Times are seconds, speeds tokens per second (virtual tokens not counted). */
export type TrainingEvent =
  | {
      type: 'data'
      rows: number
      validationRows: number
      truncatedRows: number
      /** Of which all that is learned was cut off; none of `rows`. */
      unlearnedRows: number
      /** Of which nothing is learned though they were not cut: they weigh 0, for one. None of `rows` either. */
      leftOutRows: number
      maxLength: number
      tokens: number
      labels?: string[]
      epochs: number
      totalSteps: number
    }
  | { type: 'resume'; step: number; totalSteps: number }
  | {
      type: 'step'
      step: number
      totalSteps: number
      loss: number
      evalLoss?: number
      learningRate: number
      gradientNorm: number
      tokensPerS: number
      etaS: number
    }
  | { type: 'eval'; step: number; totalSteps: number; evalLoss: number; best: boolean }
  | { type: 'checkpoint'; step: number; totalSteps: number; bytes: number }
  | { type: 'early_stop'; step: number; totalSteps: number; bestStep: number; bestEvalLoss: number }
  /** Ahead of the first step, or of the next part of a document: how much of it is done, told at every tenth. */
  | { type: 'preparing'; step: number; totalSteps: number; work: 'rounding' | 'reading'; share: number }
  /** Behind the last step: rows that were read to measure what the run came to, of about so many. */
  | { type: 'measuring'; step: number; totalSteps: number; rows: number; totalRows: number }
  | { type: 'verdict'; verdict: Verdict }
  /** So many batches of pairs are read. */
  | { type: 'pairs'; step: number; totalSteps: number }
  /** So many layers of all parts of a document are compressed. */
  | { type: 'document'; step: number; totalSteps: number }
  /** `offer`: what could be asked for besides. */
  | { type: 'message'; level: 'info' | 'warn'; message: string; offer?: 'precision' }
