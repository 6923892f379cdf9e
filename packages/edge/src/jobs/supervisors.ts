import type { FineTuningJob, FineTuningJobEvent, JobCheckpoint } from '@weft/protocol'
import type { TrainingJob } from './training-job.ts'

/** Jobs' supervisors by job id, as the rest of the edge speaks to them. */
export interface Supervisors {
  wake(id: string): Promise<void>
  /** With the latest progress; undefined when nobody took the job up yet. */
  job(id: string): Promise<FineTuningJob | undefined>
  events(id: string, page: { after?: string | undefined; limit: number; newestFirst: boolean }): Promise<{ events: FineTuningJobEvent[]; hasMore: boolean }>
  /** Live, as server-sent events. */
  liveEvents(id: string, after: string | undefined, signal: AbortSignal): Promise<Response>
  /** Oldest first. */
  checkpoints(id: string): Promise<JobCheckpoint[]>
  /** The job as it is then; one that was final already stays as it is. */
  cancel(id: string): Promise<FineTuningJob | undefined>
}

/** One Durable Object per job. What crosses is JSON: RPC's types cannot say what a plugin's config holds. */
export const durableSupervisors = (namespace: DurableObjectNamespace<TrainingJob>): Supervisors => {
  const read = <T>(json: string | undefined): T | undefined => (json === undefined ? undefined : (JSON.parse(json) as T))
  return {
    wake: (id) => namespace.getByName(id).wake(id),
    job: async (id) => read(await namespace.getByName(id).job()),
    events: async (id, page) => read(await namespace.getByName(id).events(page))!,
    liveEvents: (id, after, signal) =>
      namespace.getByName(id).fetch(`http://job/events${after === undefined ? '' : `?after=${encodeURIComponent(after)}`}`, { signal }),
    checkpoints: async (id) => read(await namespace.getByName(id).checkpoints())!,
    cancel: async (id) => read(await namespace.getByName(id).cancel(id)),
  }
}
