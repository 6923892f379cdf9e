import { Batch, type BatchDispatcher, type BatchState, type BatchSupervisors, type SqlDatabase } from '@weft/edge/host'
import { databaseBatchResults } from './database-batch-results.ts'
import { HostedRows } from './hosted-rows.ts'
import { Hosts } from './hosts.ts'

/** Batches in this process: what they know and their results are in the database, and timers are their alarms. */
export function batchHosts(
  database: SqlDatabase,
  supervisors: () => BatchSupervisors,
): { dispatcher: BatchDispatcher; start(): Promise<void>; stop(): Promise<void> } {
  const hosts = new Hosts<Batch, BatchState>(new HostedRows(database, 'batch'), {
    open: async ({ id, state, writeState, alarm, setAlarm }) =>
      new Batch({ results: await databaseBatchResults(database, id), readState: () => state, writeState, alarm, setAlarm }, supervisors()),
    step: (batch) => batch.step(),
  })
  return {
    start: () => hosts.start(),
    stop: () => hosts.stop(),
    dispatcher: {
      wake: (id) => hosts.ask(id, (batch) => batch.wake(id)),
      batch: (id) => hosts.ask(id, (batch) => structuredClone(batch.batch)),
      cancel: (id) => hosts.ask(id, async (batch) => structuredClone(await batch.cancel(id))),
    },
  }
}
