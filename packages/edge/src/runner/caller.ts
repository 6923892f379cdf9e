import type { Meter } from './meter.ts'

/** Who waits for an answer. */
export interface Caller {
  /** Aborts when they have left, or when their time is over. */
  signal: AbortSignal
  /** When that is, in milliseconds since 1970. */
  until: number
  /** The request's id, which the runner's log has too. */
  requestId?: string
  /** Whose request it is, for the runner's scheduler and caches. */
  tenant?: string
  /** Counts what they cost. */
  meter?: Meter
}
