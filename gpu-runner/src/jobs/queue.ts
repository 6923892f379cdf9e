import { createHash } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'
import { inspect } from 'node:util'
import type { TrainingEvent } from '@weft/training'
import type { Logger } from 'pino'
import { jobExists, jobNotFound, jobNotReady } from '../errors.ts'
import { Job, type JobRequest, type JobResult } from './job.ts'

export interface JobHooks {
  onEvent(event: TrainingEvent): void
  onCheckpoint(step: number, bytes: Uint8Array): void
  signal: AbortSignal
}

/** One job of a run, and who hears of it. */
export interface JobRun extends JobHooks {
  request: JobRequest
}

/** Trains one job, or several in one batch; each has its own outcome. */
export type RunJobs = (runs: readonly JobRun[]) => Promise<PromiseSettledResult<JobResult>[]>

/** Jobs that train in one batch at most: each keeps its parameters, moments and share of the batch in memory. */
const MOST_JOINT = 16

/** One checkpoint may be served under several names, in another precision under each: a batch trains over the weights of one. */
const inGroupOf = (first: Job, job: Job): boolean => {
  const [mine, other] = [first.request?.spec, job.request?.spec]
  const isOfOneBase = other?.model.fingerprint === mine?.model.fingerprint && other?.model.name === mine?.model.name
  return job.status === 'queued' && other?.joint === mine?.joint && isOfOneBase
}

/** Finished jobs are kept for whoever comes to fetch them; beyond so many, the oldest are forgotten. */
const KEPT_JOBS = 64

/** How often a queue that drains looks whether its jobs have been fetched. */
const LOOK_MS = 50

/** Training jobs: one runs, the others wait in the order they came. Nothing survives the process; the edge resubmits. */
export class JobQueue {
  readonly #jobs = new Map<string, Job>()
  readonly #run: RunJobs
  readonly #logger: Logger
  readonly #gatherMs: number
  readonly #ready: () => Promise<unknown>
  #current: Promise<void> | undefined
  #closed = false

  /**
   * @param gatherMs how long the first of a joint group waits for the next one to come
   * @param ready what comes before any job: a job that takes the process down must not keep it from answering requests first
   */
  constructor(run: RunJobs, logger: Logger, { gatherMs = 2_000, ready = async () => {} }: { gatherMs?: number; ready?: () => Promise<unknown> } = {}) {
    this.#run = run
    this.#logger = logger
    this.#gatherMs = gatherMs
    this.#ready = ready
  }

  get counts(): { running: number; queued: number } {
    const counts = { running: 0, queued: 0 }
    for (const { status } of this.#jobs.values()) if (status === 'running' || status === 'queued') counts[status]++
    return counts
  }

  /**
   * Takes a job in. The same job again is answered as the first time, so that a request whose answer was lost can be
   * repeated; one that failed or was cancelled may be tried anew.
   * @throws WeftError `job_exists` when the id stands for another request
   */
  submit(id: string, request: JobRequest): Job {
    const identity = identityOf(request)
    const known = this.#jobs.get(id)
    if (known && known.status !== 'failed' && known.status !== 'cancelled') {
      if (known.identity !== identity) throw jobExists(id)
      return known
    }
    const job = new Job(id, identity, request)
    this.#jobs.delete(id)
    this.#jobs.set(id, job)
    this.#forget()
    this.#current ??= this.#work()
    return job
  }

  /** @throws WeftError `job_not_found` */
  get(id: string): Job {
    const job = this.#jobs.get(id)
    if (job === undefined) throw jobNotFound(id)
    return job
  }

  /** @throws WeftError `job_not_found`, `checkpoint_not_ready` */
  checkpoint(id: string): Uint8Array {
    const job = this.get(id)
    const { checkpoint, status } = job
    if (checkpoint === undefined) throw jobNotReady(id, 'checkpoint', status)
    job.fetched.checkpointStep = checkpoint.step
    return checkpoint.bytes
  }

  /** @throws WeftError `job_not_found`, `result_not_ready` */
  result(id: string): Uint8Array {
    const job = this.get(id)
    const { result, status } = job
    if (result === undefined) throw jobNotReady(id, 'result', status)
    job.fetched.result = true
    return result
  }

  /** Cancels what waits or runs; what has ended stays as it is. @throws WeftError `job_not_found` */
  cancel(id: string): Job {
    const job = this.get(id)
    // Whoever cancels it wants nothing of it.
    job.handOver()
    stop(job)
    return job
  }

  /**
   * Stops every job at its next step, with a checkpoint of it, and waits until whoever follows the jobs has fetched what they leave. Results that nobody
   * has fetched yet are waited for as well.
   * @param limit ends the waiting
   */
  async drain(limit: AbortSignal): Promise<void> {
    await this.close()
    while (!limit.aborted && [...this.#jobs.values()].some((job) => !job.handedOver)) await sleep(LOOK_MS)
  }

  /** Cancels everything and waits for the running step to end. */
  async close(): Promise<void> {
    this.#closed = true
    for (const job of this.#jobs.values()) stop(job)
    await this.#current
  }

  async #work(): Promise<void> {
    // A turn of the event loop, so that whoever submitted the job sees it queued.
    await Promise.resolve()
    await this.#ready()
    for (let job = this.#next(); job && !this.#closed; job = this.#next()) await this.#train(await this.#gather(job))
    this.#current = undefined
  }

  #next(): Job | undefined {
    for (const job of this.#jobs.values()) if (job.status === 'queued') return job
    return undefined
  }

  /** A job, and what is queued under its joint name: waits while others still come in, since each is submitted by itself. */
  async #gather(first: Job): Promise<Job[]> {
    if (first.request?.spec.joint === undefined) return [first]
    for (let found = 0; ; ) {
      const jobs = [...this.#jobs.values()].filter((job) => inGroupOf(first, job)).slice(0, MOST_JOINT)
      if (jobs.length === found || jobs.length === MOST_JOINT || this.#closed) return jobs
      found = jobs.length
      await sleep(this.#gatherMs)
    }
  }

  async #train(jobs: readonly Job[]): Promise<void> {
    if (jobs.length === 0) return
    for (const job of jobs) {
      job.status = 'running'
      job.say('info', jobs.length > 1 ? `running, in one batch with ${jobs.length - 1} more` : 'running')
    }
    this.#logger.info({ jobs: jobs.map(({ id }) => id) }, 'training starts')
    const runs = jobs.map(
      (job): JobRun => ({
        request: job.request!,
        onEvent: (event) => job.note(event),
        onCheckpoint: (step, bytes) => (job.checkpoint = { step, bytes }),
        signal: job.abort.signal,
      }),
    )
    const outcomes = await this.#outcomes(runs)
    for (const [i, job] of jobs.entries()) this.#end(job, outcomes[i])
  }

  /** Whatever goes wrong is the jobs' outcome and not the queue's: the next job is trained all the same. */
  async #outcomes(runs: readonly JobRun[]): Promise<PromiseSettledResult<JobResult>[]> {
    try {
      return await this.#run(runs)
    } catch (reason) {
      return runs.map(() => ({ status: 'rejected', reason }))
    }
  }

  #end(job: Job, outcome: PromiseSettledResult<JobResult>): void {
    const logger = this.#logger.child({ job: job.id })
    if (outcome.status === 'fulfilled') {
      job.succeed(outcome.value)
      logger.info({ bytes: outcome.value.adapter.byteLength }, 'training succeeded')
    } else if (job.abort.signal.aborted) {
      job.end('cancelled')
      logger.info('training cancelled')
    } else {
      job.end('failed', describe(outcome.reason))
      logger.error({ err: outcome.reason }, 'training failed')
    }
  }

  #forget(): void {
    for (const job of this.#jobs.values()) {
      if (this.#jobs.size <= KEPT_JOBS) return
      if (job.final) this.#jobs.delete(job.id)
    }
  }
}

function stop(job: Job): void {
  if (job.status === 'queued') job.end('cancelled')
  else if (job.status === 'running') job.abort.abort()
}

function identityOf({ spec, training, validation, reference, probes, required }: JobRequest): string {
  const sha = createHash('sha256').update(JSON.stringify(spec))
  for (const bytes of [training, validation ?? new Uint8Array(), ...[reference, probes].filter((each) => each !== undefined), ...required])
    sha.update(`\n${bytes.byteLength}\n`).update(bytes)
  return sha.digest('hex')
}

function describe(error: unknown): { code: string; message: string; param?: string } {
  const { code, message, param } = Object(error) as { code?: unknown; message?: unknown; param?: unknown }
  return {
    code: typeof code === 'string' ? code : 'training_failed',
    message: typeof message === 'string' ? message : inspect(error),
    ...(typeof param === 'string' && { param }),
  }
}
