import { DurableObject } from 'cloudflare:workers'
import type { Environment } from '../../environment.ts'
import type { TrainerNews } from '../elsewhere/heed.ts'
import type { EventPage } from '../events/event-log.ts'
import { liveEvents } from '../events/live-events.ts'
import type { JobHost } from '../job-host.ts'
import type { JobState } from '../job-state.ts'
import type { Supervisors } from '../supervision.ts'
import { TrainingJob } from '../training-job.ts'
import { sqlEventLog } from './sql-event-log.ts'
import type { TrainingJobRpc } from './training-job-rpc.ts'

const key = 'state'

const durableHost = (storage: DurableObjectStorage): JobHost => ({
  log: sqlEventLog(storage.sql),
  readState: () => storage.kv.get<JobState>(key),
  writeState: async (state) => storage.kv.put(key, state),
  alarm: () => storage.getAlarm(),
  setAlarm: (at) => storage.setAlarm(at),
})

/** The Durable Object that hosts one training job, given what supervises it. */
export const trainingJobObject = (
  supervisorsOf: (env: Environment) => Supervisors,
): (new (
  context: DurableObjectState,
  env: Environment,
) => DurableObject<Environment> & TrainingJobRpc) =>
  class extends DurableObject<Environment> implements TrainingJobRpc {
    // RPC reaches what is public alone.
    readonly #host: JobHost
    readonly #job: TrainingJob

    constructor(context: DurableObjectState, env: Environment) {
      super(context, env)
      this.#host = durableHost(context.storage)
      this.#job = new TrainingJob(this.#host, supervisorsOf(env))
    }

    wake(id: string): Promise<void> {
      return this.#job.wake(id)
    }

    override alarm(): Promise<void> {
      return this.#job.step()
    }

    async job(): Promise<string | undefined> {
      return this.#job.job && JSON.stringify(this.#job.job)
    }

    async events(page: EventPage): Promise<string> {
      return JSON.stringify(await this.#job.events(page))
    }

    async checkpoints(): Promise<string> {
      return JSON.stringify(this.#job.checkpoints)
    }

    async cancel(id: string): Promise<string | undefined> {
      const job = await this.#job.cancel(id)
      return job && JSON.stringify(job)
    }

    async pause(id: string): Promise<string | undefined> {
      const job = await this.#job.pause(id)
      return job && JSON.stringify(job)
    }

    async resume(id: string): Promise<string | undefined> {
      const job = await this.#job.resume(id)
      return job && JSON.stringify(job)
    }

    async trainer(token: string): Promise<string | undefined> {
      const seen = await this.#job.trainer(token)
      return seen && JSON.stringify(seen)
    }

    async report(token: string, news: string): Promise<string | undefined> {
      const answer = await this.#job.report(token, JSON.parse(news) as TrainerNews)
      return answer && JSON.stringify(answer)
    }

    /** Live events, as server-sent events; `?after=` an event's id. */
    override async fetch(request: Request): Promise<Response> {
      const after = new URL(request.url).searchParams.get('after') ?? undefined
      return liveEvents(request, this.#host.log, after, () => this.#job.ended)
    }
  }
