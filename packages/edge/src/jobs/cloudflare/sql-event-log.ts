import type { FineTuningJobEvent } from '@weft/protocol'
import { type EventLog, eventIdOf, placeOf } from '../event-log.ts'

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

/** A job's events in the Durable Object's own SQLite. */
export function sqlEventLog(sql: SqlStorage): EventLog {
  const listeners = new Set<() => void>()
  const announce = () => {
    for (const listener of listeners) listener()
  }
  sql.exec(
    `CREATE TABLE IF NOT EXISTS events (
      seq INTEGER PRIMARY KEY AUTOINCREMENT, level TEXT NOT NULL, type TEXT NOT NULL, message TEXT NOT NULL, data TEXT, created_at INTEGER NOT NULL)`,
  )
  return {
    append(...events) {
      for (const { level, type, message, data, createdAt } of events) {
        const json = data === undefined ? null : JSON.stringify(data)
        sql.exec('INSERT INTO events (level, type, message, data, created_at) VALUES (?, ?, ?, ?, ?)', level, type, message, json, createdAt)
      }
      announce()
    },
    async page({ after, limit, newestFirst = false }) {
      const place = after === undefined ? (newestFirst ? Number.MAX_SAFE_INTEGER : 0) : placeOf(after)
      const query = newestFirst ? 'SELECT * FROM events WHERE seq < ? ORDER BY seq DESC LIMIT ?' : 'SELECT * FROM events WHERE seq > ? ORDER BY seq LIMIT ?'
      const rows = sql.exec<Row>(query, place, limit + 1).toArray()
      return { events: rows.slice(0, limit).map(fromRow), hasMore: rows.length > limit }
    },
    listen(listener) {
      listeners.add(listener)
      return () => void listeners.delete(listener)
    },
    announce,
  }
}
