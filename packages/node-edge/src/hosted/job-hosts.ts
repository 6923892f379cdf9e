import { type EventLog, type JobDispatcher, type JobState, liveEvents, type SqlDatabase, type Supervisors, TrainingJob } from '@weft/edge/host'
import { DatabaseEventLogs } from './database-event-logs.ts'
import { HostedRows } from './hosted-rows.ts'
import { Hosts } from './hosts.ts'

/** Training jobs in this process: what they know is in the database, and timers are their alarms. */
export function jobHosts(database: SqlDatabase, supervisors: () => Supervisors): { dispatcher: JobDispatcher; start(): Promise<void>; stop(): Promise<void> } {
  const logs = new DatabaseEventLogs(database)
  const hosts = new Hosts<{ job: TrainingJob; log: EventLog }, JobState>(new HostedRows(database, 'job'), {
    async open({ id, state, writeState, alarm, setAlarm }) {
      const log = await logs.open(id)
      // Events first: what a job remembers is never ahead of what it has told.
      const writeBoth = async (next: JobState): Promise<void> => {
        // As it is now: it may change while events are written.
        const kept = structuredClone(next)
        await log.flush()
        await writeState(kept)
      }
      return { log, job: new TrainingJob({ log, readState: () => state, writeState: writeBoth, alarm, setAlarm }, supervisors()) }
    },
    step: ({ job }) => job.step(),
  })
  return {
    start: () => hosts.start(),
    async stop() {
      await hosts.stop()
      await logs.flush()
    },
    dispatcher: {
      wake: (id) => hosts.ask(id, ({ job }) => job.wake(id)),
      job: (id) => hosts.ask(id, ({ job }) => structuredClone(job.job)),
      events: (id, page) => hosts.ask(id, ({ job }) => job.events(page)),
      liveEvents: (id, after, signal) =>
        hosts.askForNews(id, ({ job, log }, through) => {
          // Who leaves before the first event is read never takes the stream to its end.
          if (signal.aborted) through()
          signal.addEventListener('abort', through, { once: true })
          return liveEvents(new Request('http://job/events', { signal }), log, after, () => job.ended, through)
        }),
      checkpoints: (id) => hosts.ask(id, ({ job }) => structuredClone([...job.checkpoints])),
      cancel: (id) => hosts.ask(id, async ({ job }) => structuredClone(await job.cancel(id))),
      pause: (id) => hosts.ask(id, async ({ job }) => structuredClone(await job.pause(id))),
      trainer: (id, token) => hosts.ask(id, async ({ job }) => structuredClone(await job.trainer(token))),
      report: (id, token, news) => hosts.ask(id, ({ job }) => job.report(token, news)),
      resume: (id) => hosts.ask(id, async ({ job }) => structuredClone(await job.resume(id))),
    },
  }
}
