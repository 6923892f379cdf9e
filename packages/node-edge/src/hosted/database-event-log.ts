import { type EventLog, eventIdOf, type NewEvent, placeOf, type SqlDatabase, type SqlStatement } from '@weft/edge/host'
import type { FineTuningJobEvent } from '@weft/protocol'
import type { InOrder } from './in-order.ts'

type Row = { seq: number; level: string; type: string; message: string; data: string | null; created_at: number }

const fromRow = (row: Row): FineTuningJobEvent => ({
  id: eventIdOf(row.seq),
  object: 'fine_tuning.job.event',
  createdAt: row.created_at,
  level: row.level as FineTuningJobEvent['level'],
  type: row.type as FineTuningJobEvent['type'],
  message: row.message,
  data: row.data === null ? null : (JSON.parse(row.data) as Record<string, unknown>),
})

/** A job's events in the database. Those that are appended are written in the order of all that the job writes. */
export async function databaseEventLog(database: SqlDatabase, job: string, writes: InOrder): Promise<EventLog> {
  let last = (await database.prepare('SELECT MAX(seq) AS last FROM job_events WHERE job = ?').bind(job).first<number>('last')) ?? 0
  const listeners = new Set<() => void>()
  const announce = () => {
    for (const listener of listeners) listener()
  }
  const insert = database.prepare('INSERT INTO job_events (job, seq, level, type, message, data, created_at) VALUES (?, ?, ?, ?, ?, ?, ?)')
  const rowOf = ({ level, type, message, data, createdAt }: NewEvent) =>
    insert.bind(job, ++last, level, type, message, data === undefined ? null : JSON.stringify(data), createdAt)
  const waiting: SqlStatement[] = []
  const writeWaiting = async (): Promise<void> => {
    const rows = [...waiting]
    if (rows.length === 0) return
    await database.batch(rows)
    waiting.splice(0, rows.length)
  }
  return {
    append(...events) {
      if (events.length === 0) return
      waiting.push(...events.map(rowOf))
      // What could not be written waits for the next ones.
      writes.run(writeWaiting).then(announce, (error: unknown) => console.error(`events of ${job} are not kept yet:`, error))
    },
    async page({ after, limit, newestFirst = false }) {
      await writes.settled
      const place = after === undefined ? (newestFirst ? Number.MAX_SAFE_INTEGER : 0) : placeOf(after)
      const where = newestFirst ? 'seq < ?2 ORDER BY seq DESC' : 'seq > ?2 ORDER BY seq'
      const { results } = await database
        .prepare(`SELECT seq, level, type, message, data, created_at FROM job_events WHERE job = ?1 AND ${where} LIMIT ?3`)
        .bind(job, place, limit + 1)
        .all<Row>()
      return { events: results.slice(0, limit).map(fromRow), hasMore: results.length > limit }
    },
    listen(listener) {
      listeners.add(listener)
      return () => void listeners.delete(listener)
    },
    announce,
  }
}
