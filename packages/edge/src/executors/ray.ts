import type { RayExecutorConfig } from '@weft/protocol'
import { api, lookMs, type Send } from './calls.ts'
import { executorRefused } from './errors.ts'
import type { Executor, Standing } from './executor.ts'

/** `JobDetails`, as far as it is read. */
interface RayJob {
  status: 'PENDING' | 'RUNNING' | 'STOPPED' | 'SUCCEEDED' | 'FAILED'
  message?: string | null
}

const statuses: Readonly<Record<RayJob['status'], Standing['status']>> = {
  PENDING: 'waiting',
  RUNNING: 'running',
  STOPPED: 'ended',
  SUCCEEDED: 'ended',
  FAILED: 'ended',
}

/**
 * A Ray cluster, by its Jobs API (https://docs.ray.io/en/latest/cluster/running-applications/job-submission/rest.html). The trainer is the job's driver; where it
 * has several workers, the driver starts them by Ray Train.
 * @param token of the cluster, where it asks for one
 */
export function rayExecutor(name: string, { url, workers = 1, gpus, cpus }: RayExecutorConfig, token: string | undefined, send: Send): Executor {
  const call = api({ name, url, token, send })
  const find = async (handle: string): Promise<RayJob | undefined> => {
    const { status, body } = await call<RayJob>({ path: `/api/jobs/${handle}`, accepts: [404] })
    return status === 404 ? undefined : body
  }
  const resources = workers === 1 ? { ...(gpus && { entrypoint_num_gpus: gpus }), ...(cpus && { entrypoint_num_cpus: cpus }) } : {}
  const options = workers === 1 ? '' : ` --workers ${workers}${gpus ? ` --gpus ${gpus}` : ''}${cpus ? ` --cpus ${cpus}` : ''}`
  return {
    async start({ name: submission, job, edge, token: trainer }) {
      const json = {
        entrypoint: workers === 1 ? 'python -m weft_peft' : `python -m weft_peft.on_ray${options}`,
        submission_id: submission,
        ...resources,
        runtime_env: { env_vars: { WEFT_EDGE: edge, WEFT_JOB: job, WEFT_TRAINER_TOKEN: trainer } },
        metadata: { 'weft-job': job },
      }
      // An answer that was lost has left a job of this name; Ray says so with an error of its own.
      const { status, says } = await call({ method: 'POST', path: '/api/jobs/', json, accepts: [400, 409, 500] })
      if (status >= 400 && !(await find(submission))) throw executorRefused(name, status, says)
      return submission
    },
    async standing(handle) {
      const job = await find(handle)
      return job && { status: statuses[job.status] ?? 'running', ...(job.message ? { message: job.message } : {}) }
    },
    async reach() {
      await call({ path: '/api/version', within: lookMs })
    },
    async stop(handle) {
      await call({ method: 'POST', path: `/api/jobs/${handle}/stop`, accepts: [400, 404] })
    },
  }
}
