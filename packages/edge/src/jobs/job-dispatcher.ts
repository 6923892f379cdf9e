import type { FineTuningJob, FineTuningJobEvent, JobCheckpoint } from '@weft/protocol'
import type { EventPage } from './events/event-log.ts'

/** Reaches each training job, wherever it is hosted. */
export interface JobDispatcher {
  wake(id: string): Promise<void>
  /** With the latest progress; undefined when it has not begun. */
  job(id: string): Promise<FineTuningJob | undefined>
  events(id: string, page: EventPage): Promise<{ events: FineTuningJobEvent[]; hasMore: boolean }>
  /** Live, as server-sent events. */
  liveEvents(id: string, after: string | undefined, signal: AbortSignal): Promise<Response>
  /** Oldest first. */
  checkpoints(id: string): Promise<JobCheckpoint[]>
  /** The job as it is then; one that was final already stays as it is. */
  cancel(id: string): Promise<FineTuningJob | undefined>
  /** Likewise. */
  pause(id: string): Promise<FineTuningJob | undefined>
  /** Likewise; a job that is not paused stays as it is. */
  resume(id: string): Promise<FineTuningJob | undefined>
}
