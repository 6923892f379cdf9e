import type { JobCheckpoint } from '@weft/protocol'
import type { JobRecord } from '../stores/jobs.ts'

/** Everything that a job's supervisor remembers, across evictions and restarts of the edge. */
export interface JobState {
  record: JobRecord
  /** Whether a runner was given the job and has not been found to have lost it. */
  submitted: boolean
  /** The runner's number of the last event copied; it counts from 1 in every submission. */
  runnerSeq: number
  /** Checkpoints held in R2, oldest first. */
  checkpoints: JobCheckpoint[]
  /** Attempts that failed one after another, for the wait before the next. */
  failures: number
  /** A cancelled job that the runner may not know to be cancelled yet. */
  cancelPending: boolean
}

export const newJobState = (record: JobRecord): JobState => ({
  record,
  submitted: false,
  runnerSeq: 0,
  checkpoints: [],
  failures: 0,
  cancelPending: false,
})

const key = 'state'

export const loadState = (storage: DurableObjectStorage): JobState | undefined => storage.kv.get<JobState>(key)
export const saveState = (storage: DurableObjectStorage, state: JobState): void => storage.kv.put(key, state)
