import { DurableObject } from 'cloudflare:workers'
import { isFinal } from '@weft/protocol'
import { supervisionOf } from '../composition-root.ts'
import type { Environment } from '../environment.ts'
import { EventLog } from './event-log.ts'
import { type JobState, loadState, newJobState, saveState } from './job-state.ts'
import { liveEvents } from './live-events.ts'
import type { SupervisedJob, Supervision } from './supervision.ts'
import { finish, tick } from './tick.ts'

/** An alarm this much overdue was lost. */
const overdueMs = 30_000

/**
 * The supervisor of one training job: submits it to a runner, follows it by alarm, and publishes what comes out. All it knows is in
 * its own storage, so it goes on where it was after an eviction, a restart of the edge, or the death of the runner.
 */
export class TrainingJob extends DurableObject<Environment> {
  readonly #supervision: Supervision
  readonly #log: EventLog
  #state: JobState | undefined
  #ticking: Promise<number | null> | undefined

  constructor(context: DurableObjectState, env: Environment) {
    super(context, env)
    this.#supervision = supervisionOf(env)
    this.#log = new EventLog(context.storage.sql)
    this.#state = loadState(context.storage)
  }

  /** Takes the job up, or makes sure that it is going on. Harmless at any time. */
  async wake(id: string): Promise<void> {
    if (!this.#state) {
      const record = await this.#supervision.jobs.get(id)
      if (!record || isFinal(record.job.status)) return
      this.#state ??= newJobState(record)
      saveState(this.ctx.storage, this.#state)
    }
    const finished = isFinal(this.#state.record.job.status)
    if (finished && !this.#state.cancelPending) {
      // The row may have missed the end, if the edge stopped between the two.
      await this.#supervision.jobs.save(this.#state.record)
      return
    }
    const due = await this.ctx.storage.getAlarm()
    if (!this.#ticking && (due === null || due < Date.now() - overdueMs)) await this.ctx.storage.setAlarm(Date.now())
  }

  override async alarm(): Promise<void> {
    const state = this.#state
    if (!state || this.#ticking) return
    this.#ticking = tick(this.#supervision, this.#supervised(state))
    try {
      const next = await this.#ticking
      saveState(this.ctx.storage, state)
      if (next !== null) await this.ctx.storage.setAlarm(Date.now() + next)
    } finally {
      this.#ticking = undefined
      this.#log.announce()
    }
  }

  /** The job with its latest progress, as JSON; undefined when it was never taken up. */
  job(): string | undefined {
    return this.#state && JSON.stringify(this.#state.record.job)
  }

  /** A page of events, as JSON. */
  events(page: { after?: string | undefined; limit: number; newestFirst: boolean }): string {
    return JSON.stringify(this.#log.page(page))
  }

  /** Oldest first, as JSON. */
  checkpoints(): string {
    return JSON.stringify(this.#state?.checkpoints ?? [])
  }

  /** Cancels; gives the job as it is then, as JSON. One that became final first stays as it is. */
  async cancel(id: string): Promise<string | undefined> {
    await this.wake(id)
    const state = this.#state
    if (!state) return undefined
    const { job } = state.record
    if (isFinal(job.status)) return JSON.stringify(job)
    state.cancelPending = true
    await finish(this.#supervision, this.#supervised(state), 'cancelled')
    await this.ctx.storage.setAlarm(Date.now())
    return JSON.stringify(job)
  }

  /** Live events, as server-sent events; `?after=` an event's id. */
  override async fetch(request: Request): Promise<Response> {
    const after = new URL(request.url).searchParams.get('after') ?? undefined
    const ended = () => this.#state !== undefined && isFinal(this.#state.record.job.status) && this.#ticking === undefined
    return new Response(liveEvents(this.#log, after, ended), {
      headers: { 'content-type': 'text/event-stream; charset=utf-8', 'cache-control': 'no-cache' },
    })
  }

  #supervised(state: JobState): SupervisedJob {
    const { storage } = this.ctx
    return {
      state,
      save: async () => {
        saveState(storage, state)
        await this.#supervision.jobs.save(state.record)
      },
      log: (event) => this.#log.append({ ...event, createdAt: this.#supervision.now() }),
      mirror: (events) => this.#log.append(...events),
    }
  }
}
