import { type EventLog, type EventRow, eventOfRow, type NewEvent, placeOf, type SqlDatabase, type SqlStatement } from '@weft/edge/host'
import { InOrder } from './in-order.ts'

const firstRetryMs = 1000
const longestRetryMs = 60_000

/** A log that is written behind whoever appends to it. */
export interface DatabaseEventLog extends EventLog {
  /** Through once everything is written that was appended; rejects where that fails. */
  flush(): Promise<void>
}

/**
 * The logs of jobs in one database. What could not be written is tried again by itself, and by whoever flushes; until it is written, its log is the one that
 * is opened again, whose numbers go on behind it.
 */
export class DatabaseEventLogs {
  readonly #database: SqlDatabase
  readonly #unkept = new Map<string, DatabaseEventLog>()

  constructor(database: SqlDatabase) {
    this.#database = database
  }

  async open(job: string): Promise<DatabaseEventLog> {
    const unkept = this.#unkept.get(job)
    if (unkept) return unkept
    const last = await this.#database.prepare('SELECT MAX(seq) AS last FROM job_events WHERE job = ?').bind(job).first<number>('last')
    return this.#log(job, last ?? 0)
  }

  /** Tries once more to write what could not be written. */
  async flush(): Promise<void> {
    await Promise.allSettled([...this.#unkept.values()].map((log) => log.flush()))
  }

  #log(job: string, lastKept: number): DatabaseEventLog {
    const database = this.#database
    const listeners = new Set<() => void>()
    const announce = () => {
      for (const listener of listeners) listener()
    }
    // A batch whose success was not heard of is written again.
    const insert = database.prepare(
      'INSERT INTO job_events (job, seq, level, type, message, data, created_at) VALUES (?, ?, ?, ?, ?, ?, ?) ON CONFLICT (job, seq) DO NOTHING',
    )
    let last = lastKept
    const rowOf = ({ level, type, message, data, createdAt }: NewEvent) =>
      insert.bind(job, ++last, level, type, message, data === undefined ? null : JSON.stringify(data), createdAt)
    const waiting: SqlStatement[] = []
    const writes = new InOrder()
    let retry: NodeJS.Timeout | undefined
    let failures = 0
    const write = async (): Promise<void> => {
      const rows = [...waiting]
      if (rows.length === 0) return
      try {
        await database.batch(rows)
      } catch (error) {
        clearTimeout(retry)
        retry = setTimeout(keep, Math.min(longestRetryMs, firstRetryMs * 2 ** failures++))
        retry.unref()
        this.#unkept.set(job, log)
        throw error
      }
      failures = 0
      waiting.splice(0, rows.length)
      if (waiting.length === 0) this.#unkept.delete(job)
      announce()
    }
    const keep = (): void => void writes.run(write).catch((error: unknown) => console.error(`events of ${job} are not kept yet:`, error))
    const log: DatabaseEventLog = {
      append(...events) {
        if (events.length === 0) return
        waiting.push(...events.map(rowOf))
        keep()
      },
      flush: () => writes.run(write),
      async page({ after, limit, newestFirst = false }) {
        await writes.settled
        const place = after === undefined ? (newestFirst ? Number.MAX_SAFE_INTEGER : 0) : placeOf(after)
        const where = newestFirst ? 'seq < ?2 ORDER BY seq DESC' : 'seq > ?2 ORDER BY seq'
        const { results } = await database
          .prepare(`SELECT seq, level, type, message, data, created_at FROM job_events WHERE job = ?1 AND ${where} LIMIT ?3`)
          .bind(job, place, limit + 1)
          .all<EventRow>()
        return { events: results.slice(0, limit).map(eventOfRow), hasMore: results.length > limit }
      },
      listen(listener) {
        listeners.add(listener)
        return () => void listeners.delete(listener)
      },
      announce,
    }
    return log
  }
}
