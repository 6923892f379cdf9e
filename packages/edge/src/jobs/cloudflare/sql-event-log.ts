import { type EventLog, placeOf } from '../events/event-log.ts'
import { type EventRow, eventOfRow } from '../events/event-row.ts'

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
      const rows = sql.exec<EventRow & Record<string, SqlStorageValue>>(query, place, limit + 1).toArray()
      return { events: rows.slice(0, limit).map(eventOfRow), hasMore: rows.length > limit }
    },
    listen(listener) {
      listeners.add(listener)
      return () => void listeners.delete(listener)
    },
    announce,
  }
}
