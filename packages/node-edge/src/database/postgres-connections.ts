import pg from 'pg'
import { databaseAway } from '../errors.ts'

/** What a lent connection is asked through. */
export type Ask = <R extends pg.QueryResultRow>(statement: string | pg.QueryConfig) => Promise<pg.QueryResult<R>>

export interface Patience {
  /** How long a statement may take: PostgreSQL itself ends it then, and whoever waits for a lock of somebody else's no longer does. */
  statementMs: number
  /** How much longer that may take to be heard: a server that says nothing by then says nothing at all. */
  graceMs: number
  /** How long a connection may take to be made, or to become free. */
  connectMs: number
}

/** No statement of the stores takes a second. It is no request's deadline, which ends the request alone: jobs and sweeps write too. */
export const usualPatience: Patience = { statementMs: 30_000, graceMs: 1000, connectMs: 10_000 }

const most = 10
/** PostgreSQL's code of a statement that it has ended. */
const queryCanceled = '57014'

/** Connections that are lent to one piece of work each. One that breaks meanwhile fails that work alone. */
export class PostgresConnections {
  readonly #pool: pg.Pool
  readonly #patience: Patience

  constructor(options: pg.PoolConfig, patience = usualPatience) {
    const { statementMs, connectMs } = patience
    // Not a parameter of the connection: a pooler such as PgBouncer refuses those that it does not know.
    const limit = { text: `SET statement_timeout = ${statementMs}`, query_timeout: connectMs }
    const onConnect = async (client: pg.ClientBase): Promise<void> => void (await client.query(limit))
    this.#patience = patience
    this.#pool = new pg.Pool({ ...options, max: most, connectionTimeoutMillis: connectMs, onConnect })
    // One that rests and is cut is simply replaced.
    this.#pool.on('error', () => {})
  }

  /** Rolls back what fails. Error 503 `database_unavailable` where the connection, or the server, is why. */
  async lend<T>(work: (ask: Ask) => Promise<T>): Promise<T> {
    const client = await this.#pool.connect().catch((error: unknown) => {
      throw databaseAway(error)
    })
    let broken: Error | undefined
    const breaks = (error: Error): void => void (broken ??= error)
    // Between two statements nobody else hears of it, and what nobody hears ends the process.
    client.on('error', breaks)
    const ask: Ask = (statement) => this.#inTime(client.query(statement), breaks)
    try {
      return await work(ask)
    } catch (error) {
      // A connection that is cut fails this too, and so is known.
      if (!broken) await ask('ROLLBACK').catch(breaks)
      throw broken || (error as { code?: string }).code === queryCanceled ? databaseAway(error) : error
    } finally {
      // A broken one is thrown away; from here on the pool listens.
      client.release(broken)
      client.off('error', breaks)
    }
  }

  end(): Promise<void> {
    return this.#pool.end()
  }

  async #inTime<T>(answer: Promise<T>, breaks: (error: Error) => void): Promise<T> {
    const ms = this.#patience.statementMs + this.#patience.graceMs
    const overdue = Promise.withResolvers<never>()
    const timer = setTimeout(() => {
      const error = new Error(`no answer to a statement within ${ms} ms`)
      breaks(error)
      overdue.reject(error)
    }, ms)
    try {
      return await Promise.race([answer, overdue.promise])
    } finally {
      clearTimeout(timer)
    }
  }
}
