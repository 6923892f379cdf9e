import type { FineTuningJobEvent } from '@weft/protocol'
import { type EventLog, eventIdOf, placeOf } from '../src/jobs/events/event-log.ts'
import { liveEvents } from '../src/jobs/events/live-events.ts'
import type { JobDispatcher } from '../src/jobs/job-dispatcher.ts'
import type { JobHost } from '../src/jobs/job-host.ts'
import type { JobState } from '../src/jobs/job-state.ts'
import type { Supervisors } from '../src/jobs/supervision.ts'
import { TrainingJob } from '../src/jobs/training-job.ts'

function memoryEventLog(): EventLog {
  const events: FineTuningJobEvent[] = []
  const listeners = new Set<() => void>()
  const announce = () => {
    for (const listener of listeners) listener()
  }
  return {
    append(...fresh) {
      for (const event of fresh) events.push({ id: eventIdOf(events.length + 1), object: 'fine_tuning.job.event', ...event, data: event.data ?? null })
      announce()
    },
    async page({ after, limit, newestFirst = false }) {
      const place = after === undefined ? undefined : placeOf(after)
      const behind = newestFirst ? events.slice(0, place === undefined ? undefined : place - 1).toReversed() : events.slice(place ?? 0)
      return { events: behind.slice(0, limit), hasMore: behind.length > limit }
    },
    listen(listener) {
      listeners.add(listener)
      return () => void listeners.delete(listener)
    },
    announce,
  }
}

/** Jobs in one process: state and events in memory, timers for alarms, each at most `longestMs` away whatever was asked for. */
export class MemoryJobHosts {
  readonly #hosts = new Map<string, JobHost>()
  readonly #running = new Map<string, TrainingJob>()
  readonly #supervisors: () => Supervisors
  /** How long each alarm that was set was to wait, in milliseconds. */
  readonly waits: number[] = []

  constructor(supervisors: () => Supervisors) {
    this.#supervisors = supervisors
  }

  /** Whether every step is another process's: what a job remembers of itself is gone, and what its host keeps stays. */
  restarting = false

  readonly dispatcher: JobDispatcher = {
    wake: (id) => this.#job(id).wake(id),
    job: async (id) => this.#job(id).job,
    events: async (id, page) => this.#job(id).events(page),
    liveEvents: async (id, after, signal) => liveEvents(new Request('http://job/events', { signal }), this.#host(id).log, after, () => this.#job(id).ended),
    checkpoints: async (id) => [...this.#job(id).checkpoints],
    cancel: (id) => this.#job(id).cancel(id),
    pause: (id) => this.#job(id).pause(id),
    resume: (id) => this.#job(id).resume(id),
    trainer: (id, token) => this.#job(id).trainer(token),
    report: (id, token, news) => this.#job(id).report(token, news),
  }

  #job(id: string): TrainingJob {
    let job = this.#running.get(id)
    if (!job) this.#running.set(id, (job = new TrainingJob(this.#host(id), this.#supervisors())))
    return job
  }

  #host(id: string): JobHost {
    const known = this.#hosts.get(id)
    if (known) return known
    let state: JobState | undefined
    let due: number | null = null
    const ring = () => {
      due = null
      if (this.restarting) this.#running.delete(id)
      this.#job(id)
        .step()
        .catch((error) => console.error(error))
    }
    const host: JobHost = {
      log: memoryEventLog(),
      readState: () => structuredClone(state),
      writeState: async (next) => void (state = structuredClone(next)),
      alarm: async () => due,
      setAlarm: async (at) => {
        this.waits.push(at - Date.now())
        if (due === null) setTimeout(ring, Math.min(2, Math.max(0, at - Date.now())))
        due = at
      },
    }
    this.#hosts.set(id, host)
    return host
  }
}
