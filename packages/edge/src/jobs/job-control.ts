import { errors } from '@weft/adapters'
import { type FineTuningJob, isFinal } from '@weft/protocol'
import { jobIsFinal, jobNotPaused } from '../errors.ts'
import { notPausedElsewhere } from '../executors/errors.ts'
import type { Jobs } from '../stores/jobs.ts'
import type { PrincipalStores } from '../stores/tenants/open-for-principal.ts'
import type { JobDispatcher } from './job-dispatcher.ts'

export type JobAction = 'cancel' | 'pause' | 'resume'

type Stores = Pick<PrincipalStores, 'jobs' | 'record'>

/** What can be done with a job that has been made. Errors: 404 `job_not_found`; 409 `job_is_final`, `job_not_paused`; 422 `not_paused_elsewhere`. */
export const jobControl = (dispatcher: JobDispatcher) => {
  const stored = async (jobs: Jobs, id: string): Promise<FineTuningJob> => {
    const record = await jobs.get(id)
    if (!record) throw errors.notFound('job', id, [], 'fine_tuning_job_id')
    return record.job
  }
  const check: Record<JobAction, (job: FineTuningJob) => void> = {
    cancel: ({ id, status, finishedAt }) => {
      if (finishedAt !== null) throw jobIsFinal(id, status)
    },
    pause: ({ id, status, finishedAt, executor }) => {
      if (finishedAt !== null) throw jobIsFinal(id, status, 'pause')
      if (executor) throw notPausedElsewhere(id, executor)
    },
    resume: ({ id, status }) => {
      if (status !== 'paused') throw jobNotPaused(id, status)
    },
  }
  /** It may have ended meanwhile. */
  const checkDone: Record<JobAction, (job: FineTuningJob) => void> = {
    cancel: ({ id, status }) => {
      if (status !== 'cancelled') throw jobIsFinal(id, status)
    },
    pause: ({ id, status }) => {
      if (status !== 'paused') throw jobIsFinal(id, status, 'pause')
    },
    resume: ({ id, status }) => {
      if (isFinal(status)) throw jobNotPaused(id, status)
    },
  }
  return {
    stored,
    /** Until the job ends, its host alone knows how far it is. */
    now: async (job: FineTuningJob): Promise<FineTuningJob> => (job.finishedAt === null ? ((await dispatcher.job(job.id)) ?? job) : job),
    async act(action: JobAction, id: string, { jobs, record }: Stores): Promise<FineTuningJob> {
      check[action](await stored(jobs, id))
      const done = await dispatcher[action](id)
      if (!done) throw errors.notFound('job', id, [], 'fine_tuning_job_id')
      checkDone[action](done)
      await record({ action: `job.${action}`, target: id })
      return done
    },
  }
}
