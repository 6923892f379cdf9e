import { type FineTuningJob, type FineTuningJobEvent, isFinal, type JobCheckpoint, type TrainerAnswer } from '@weft/protocol'
import { defaultTenant } from '../stores/tenant-stores.ts'
import { heed, type TrainerNews } from './elsewhere/heed.ts'
import { type SeenTrainer, seeTrainer } from './elsewhere/see-trainer.ts'
import type { EventPage } from './events/event-log.ts'
import type { JobHost } from './job-host.ts'
import { type JobState, newJobState } from './job-state.ts'
import { finish } from './results/finish.ts'
import type { SupervisedJob, Supervision, Supervisors } from './supervision.ts'
import { tick } from './tick.ts'

/** An alarm this much overdue was lost. */
const overdueMs = 30_000

/**
 * One training job: submits itself to a runner, follows it step by step, and publishes what comes out. All it knows is with its host,
 * so it goes on where it was after an eviction, a restart of the edge, or the death of the runner.
 */
export class TrainingJob {
  readonly #host: JobHost
  readonly #supervisors: Supervisors
  #state: JobState | undefined
  #stepping: Promise<number | null> | undefined

  constructor(host: JobHost, supervisors: Supervisors) {
    this.#host = host
    this.#supervisors = supervisors
    this.#state = host.readState()
  }

  /** Begins, or makes sure that it is going on. Harmless at any time. */
  async wake(id: string): Promise<void> {
    if (!this.#state) {
      const record = await this.#supervisors.jobs.get(id)
      if (!record || isFinal(record.job.status)) return
      this.#state ??= newJobState(record)
      await this.#host.writeState(this.#state)
    }
    const finished = isFinal(this.#state.record.job.status)
    if (finished && !this.#state.cancelPending) {
      // The row may have missed the end, if the edge stopped between the two.
      await this.#supervisionOf(this.#state).jobs.save(this.#state.record)
      return
    }
    const due = await this.#host.alarm()
    if (!this.#stepping && (due === null || due < Date.now() - overdueMs)) await this.#host.setAlarm(Date.now())
  }

  /** What is due; called by the host's alarm. */
  async step(): Promise<void> {
    const state = this.#state
    if (!state || this.#stepping) return
    this.#stepping = tick(this.#supervisionOf(state), this.#supervised(state))
    try {
      const next = await this.#stepping
      await this.#host.writeState(state)
      if (next !== null) await this.#host.setAlarm(Date.now() + next)
    } finally {
      this.#stepping = undefined
      this.#host.log.announce()
    }
  }

  /** With the latest progress; undefined before it began. */
  get job(): FineTuningJob | undefined {
    return this.#state?.record.job
  }

  events(page: EventPage): Promise<{ events: FineTuningJobEvent[]; hasMore: boolean }> {
    return this.#host.log.page(page)
  }

  /** Oldest first. */
  get checkpoints(): readonly JobCheckpoint[] {
    return this.#state?.checkpoints ?? []
  }

  /** Whether no more events will come. */
  get ended(): boolean {
    return this.#state !== undefined && isFinal(this.#state.record.job.status) && this.#stepping === undefined
  }

  /** Cancels; gives the job as it is then. One that became final first stays as it is. */
  async cancel(id: string): Promise<FineTuningJob | undefined> {
    await this.wake(id)
    const state = this.#state
    if (!state) return undefined
    const { job } = state.record
    if (isFinal(job.status)) return job
    state.cancelPending = true
    // However long a runner was waited for: to stop the job there is tried as often as ever.
    state.failures = 0
    await finish(this.#supervisionOf(state), this.#supervised(state), 'cancelled')
    await this.#host.setAlarm(Date.now())
    return job
  }

  /** With the stores of whose job it is. */
  #supervisionOf({ record }: JobState): Supervision {
    return this.#supervisors.supervise(record.tenant ?? defaultTenant)
  }

  /** Frees the runner and keeps the last checkpoint, until `resume`; gives the job as it is then. One that ended first stays as it is. */
  async pause(id: string): Promise<FineTuningJob | undefined> {
    await this.wake(id)
    const state = this.#state
    if (!state) return undefined
    const { job } = state.record
    // A trainer elsewhere has nothing that could be gone on from.
    if (isFinal(job.status) || job.status === 'paused' || job.executor) return job
    job.status = 'paused'
    job.etaS = null
    job.estimatedFinish = null
    // Whether a submission is under way at this moment, nobody knows.
    state.pausePending = true
    await this.#supervised(state).save()
    await this.#host.setAlarm(Date.now())
    return job
  }

  /** Goes on with a paused job, from its last checkpoint; any other stays as it is. */
  async resume(id: string): Promise<FineTuningJob | undefined> {
    await this.wake(id)
    const state = this.#state
    if (!state) return undefined
    const { job } = state.record
    if (job.status !== 'paused') return job
    job.status = 'queued'
    const supervised = this.#supervised(state)
    await supervised.save()
    supervised.log({ level: 'info', type: 'message', message: 'Resumed.' })
    await this.#host.setAlarm(Date.now())
    return job
  }

  /** What a trainer elsewhere that shows this token is trusted with; undefined for one that is not this job's present one. */
  async trainer(token: string): Promise<SeenTrainer | undefined> {
    return this.#state && seeTrainer(this.#state, token)
  }

  /** What the trainer elsewhere brings; undefined where the token is not its own. */
  async report(token: string, news: TrainerNews): Promise<TrainerAnswer | undefined> {
    const state = this.#state
    const seen = state && (await seeTrainer(state, token))
    if (!seen) return undefined
    if (seen.stop) return { stop: true }
    const supervised = this.#supervised(state!)
    heed(supervised, news, this.#supervisionOf(state!).now())
    await supervised.save()
    if (news.error || news.result !== undefined) await this.#host.setAlarm(Date.now())
    return { stop: false }
  }

  async *#metrics(): AsyncGenerator<FineTuningJobEvent> {
    for (let after: string | undefined, more = true; more; ) {
      const { events, hasMore } = await this.#host.log.page({ after, limit: 1000 })
      yield* events.filter(({ type }) => type === 'metrics')
      after = events.at(-1)?.id
      more = hasMore
    }
  }

  #supervised(state: JobState): SupervisedJob {
    const { log } = this.#host
    const { jobs, now } = this.#supervisionOf(state)
    return {
      state,
      save: async () => {
        await this.#host.writeState(state)
        await jobs.save(state.record)
      },
      log: (event) => log.append({ ...event, createdAt: now() }),
      mirror: (events) => log.append(...events),
      metrics: () => this.#metrics(),
    }
  }
}
