import type { BatchRecord } from '../stores/batches.ts'
import { firstLine, type LinePlace } from './input-lines.ts'

/** Everything that a batch remembers, its results aside. */
export interface BatchState {
  record: BatchRecord
  /** Every line before this one has its result. */
  from: LinePlace
  /** Lines that a runner did not get through, and how often. */
  attempts: Record<number, number>
  /** Steps that failed, or were held up, one after another, for the wait before the next. */
  failures: number
  /** Of the last of them, those that were a fault of our own: what is waited for meanwhile counts for none. */
  faults?: number
  /** How it ends, once that is known. */
  end: 'completed' | 'failed' | 'expired' | 'cancelled' | null
}

export const newBatchState = (record: BatchRecord): BatchState => ({ record, from: firstLine, attempts: {}, failures: 0, end: null })
