import type { FineTuningJobEvent } from '@weft/protocol'

export interface NewEvent {
  level: FineTuningJobEvent['level']
  type: FineTuningJobEvent['type']
  message: string
  data?: Record<string, unknown> | undefined
  /** Seconds since 1970. */
  createdAt: number
}

type Row = { seq: number; level: string; type: string; message: string; data: string | null; created_at: number }

const prefix = 'ftevent-'

export const isEventId = (id: string): boolean => /^ftevent-\d{1,15}$/.test(id)

/** The place in the log that an event's id stands for; 0 for no id. */
const placeOf = (id: string | undefined): number => (id === undefined ? 0 : Number(id.replace(prefix, '')))

const fromRow = (row: Row): FineTuningJobEvent => ({
  id: `${prefix}${row.seq}`,
  object: 'fine_tuning.job.event',
  createdAt: row.created_at,
  level: row.level as FineTuningJobEvent['level'],
  type: row.type as FineTuningJobEvent['type'],
  message: row.message,
  data: row.data === null ? null : (JSON.parse(row.data) as Record<string, unknown>),
})

/** A job's events, numbered from 1 through every resubmission, in the Durable Object's own SQLite. */
export class EventLog {
  readonly #sql: SqlStorage
  readonly #listeners = new Set<() => void>()

  constructor(sql: SqlStorage) {
    this.#sql = sql
    sql.exec(
      `CREATE TABLE IF NOT EXISTS events (
        seq INTEGER PRIMARY KEY AUTOINCREMENT, level TEXT NOT NULL, type TEXT NOT NULL, message TEXT NOT NULL, data TEXT, created_at INTEGER NOT NULL)`,
    )
  }

  append(...events: readonly NewEvent[]): void {
    for (const { level, type, message, data, createdAt } of events) {
      this.#sql.exec(
        'INSERT INTO events (level, type, message, data, created_at) VALUES (?, ?, ?, ?, ?)',
        level,
        type,
        message,
        data === undefined ? null : JSON.stringify(data),
        createdAt,
      )
    }
    this.announce()
  }

  /** Events behind the one with id `after`, oldest first; with `newestFirst`, those before it, newest first. */
  page({ after, limit, newestFirst = false }: { after?: string | undefined; limit: number; newestFirst?: boolean }): {
    events: FineTuningJobEvent[]
    hasMore: boolean
  } {
    const place = after === undefined && newestFirst ? Number.MAX_SAFE_INTEGER : placeOf(after)
    const query = newestFirst ? 'SELECT * FROM events WHERE seq < ? ORDER BY seq DESC LIMIT ?' : 'SELECT * FROM events WHERE seq > ? ORDER BY seq LIMIT ?'
    const rows = this.#sql.exec<Row>(query, place, limit + 1).toArray()
    return { events: rows.slice(0, limit).map(fromRow), hasMore: rows.length > limit }
  }

  /** Calls `listener` whenever there may be something new, until the returned function is called. */
  listen(listener: () => void): () => void {
    this.#listeners.add(listener)
    return () => void this.#listeners.delete(listener)
  }

  announce(): void {
    for (const listener of this.#listeners) listener()
  }
}
