import type { TraceParent } from '@weft/protocol'
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
  /** The route that they asked, for the runner's metrics. */
  route?: string
  /** The trace that the request belongs to. */
  trace?: TraceParent
  /** Counts what they cost. */
  meter?: Meter
}
