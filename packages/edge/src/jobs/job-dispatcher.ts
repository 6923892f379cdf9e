import type { FineTuningJob, FineTuningJobEvent, JobCheckpoint, TrainerAnswer } from '@weft/protocol'
import type { TrainerNews } from './elsewhere/heed.ts'
import type { SeenTrainer } from './elsewhere/see-trainer.ts'
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
  /** Whom a token is of: undefined where it is not that of the job's present trainer elsewhere. */
  trainer(id: string, token: string): Promise<SeenTrainer | undefined>
  /** What that trainer brings; likewise. */
  report(id: string, token: string, news: TrainerNews): Promise<TrainerAnswer | undefined>
}
