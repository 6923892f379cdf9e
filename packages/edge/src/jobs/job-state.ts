import type { JobCheckpoint } from '@weft/protocol'
import type { JobRecord } from '../stores/jobs.ts'
import type { Execution } from './elsewhere/execution.ts'

/** Everything that a job remembers, across evictions and restarts of the edge. */
export interface JobState {
  record: JobRecord
  /** Whether a runner was given the job and has not been found to have lost it. */
  submitted: boolean
  /** The runner that was given the job last, by its name. */
  runner?: string
  /** The runner's number of the last event copied; it counts from 1 in every submission. */
  runnerSeq: number
  /** Checkpoints held in R2, oldest first. */
  checkpoints: JobCheckpoint[]
  /** Attempts that failed one after another, for the wait before the next. */
  failures: number
  /** Of these, those that were a fault of our own: what is waited for counts for none. */
  faults?: number
  /** Codes of what was waited for in these attempts, which its events have told of. */
  waitsTold?: string[]
  /** Deaths and hangs of runners that had this job in hands, since it last got further and the runner last went down without it. */
  deaths: number
  /** The step at which the last of them came. */
  diedAtStep: number
  /** The furthest step ever reported. */
  reachedStep: number
  /** The runner's process that is watched without the job after a death; over once the job may be given to it. */
  watch?: { startedAtMs: number | null } | 'over'
  /** Whether the runner, as last heard, had this job in hands and not another. */
  inHands: boolean
  /** Times in a row that the runner said nothing. */
  unanswered: number
  /** A cancelled job that the runner may not know to be cancelled yet. */
  cancelPending: boolean
  /** A paused job that the runner may still have. */
  pausePending?: boolean
  /** Of a job that an executor trains: its present trainer. */
  execution?: Execution
  /** The file that its metrics are written to, once it has one. */
  resultFile?: string
}

export const newJobState = (record: JobRecord): JobState => ({
  record,
  submitted: false,
  runnerSeq: 0,
  checkpoints: [],
  failures: 0,
  deaths: 0,
  diedAtStep: -1,
  reachedStep: 0,
  inHands: false,
  unanswered: 0,
  cancelPending: false,
})
