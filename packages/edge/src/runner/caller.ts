import type { TraceParent } from '@weft/protocol'
import type { Meter } from './meter.ts'
import type { Placement } from './pool/placement.ts'

/** How a runner's scheduler takes a request, as policies say. */
export interface Scheduling {
  /** Its tenant's share of the runner's time beside others' of weight 1; 1 when absent. */
  tenantWeight?: number
  /** The lower, the sooner; 0 when absent. */
  priority?: number
}

/** Who waits for an answer. */
export interface Caller extends Scheduling {
  /** Aborts when they have left, or when their time is over. */
  signal: AbortSignal
  /** When that is, in milliseconds since 1970. */
  until: number
  /** When that is of a stream that has begun; as `until` when absent. */
  streamUntil?: number
  /** The request's id, which the runner's log has too. */
  requestId?: string
  /** Whose request it is, for the runner's scheduler and caches. */
  tenant?: string
  /** The route that they asked, for the runner's metrics. */
  route?: string
  /** The trace that the request belongs to. */
  trace?: TraceParent
  /** Which of several runners it has got. */
  placement?: Placement
  /** Whether a runner that is starting is all that they wait for: kept up to date by who waits for it. */
  coldStart?: { isAwaited: boolean }
  /** Counts what they cost. */
  meter?: Meter
}
