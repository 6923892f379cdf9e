import type { EventLog } from './events/event-log.ts'
import type { JobState } from './job-state.ts'

/** What a host keeps for one job, through its own restarts: the job's memory, its events, and when it is to be woken. */
export interface JobHost {
  readonly log: EventLog
  readState(): JobState | undefined
  /** Through once the state is kept, and every event that was appended before. */
  writeState(state: JobState): Promise<void>
  /** When the next step is due, in milliseconds since 1970; null when none is. */
  alarm(): Promise<number | null>
  /** The host calls `TrainingJob.step` then, and again when it fails. */
  setAlarm(at: number): Promise<void>
}
