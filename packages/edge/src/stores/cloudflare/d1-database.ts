import type { SqlDatabase, SqlStatement } from '../sql/sql-database.ts'
import { databaseAway, localFault } from './errors.ts'

/**
 * What D1 says of itself, as Cloudflare's documents list it: it has lost the connection, begins anew, or has too much to do, some of which is to be expected of any
 * database, any day. And that one invocation has asked as often as it may, where the next may ask again.
 */
const passing =
  /\b(?:network connection lost|object to be reset|D1 DB\b.*\b(?:reset|overloaded|transient issue)|long-running (?:import|export)|too many API requests by single Worker invocation)\b/i

/**
 * D1. Error 503 `database_unavailable` where it is away for a moment, which is waited for as a runner is.
 * @param local whether it lies on the disk of whoever asks: error 507 `storage_full` where it fails and does not say why, reads too
 */
export function d1Database(db: D1Database, { local = false } = {}): SqlDatabase {
  const told = <T>(work: Promise<T>): Promise<T> =>
    work.catch((error: unknown) => {
      if (error instanceof Error && passing.test(error.message)) throw databaseAway(error)
      throw local ? localFault(error) : error
    })
  const statements = new WeakMap<SqlStatement, D1PreparedStatement>()
  const statementOf = (prepared: D1PreparedStatement): SqlStatement => {
    const statement: SqlStatement = {
      bind: (...values) => statementOf(prepared.bind(...values)),
      first: <T>(column?: string) => told(column === undefined ? prepared.first<T>() : prepared.first<T>(column)),
      all: <T>() => told(prepared.all<T>()),
      run: <T>() => told(prepared.run<T>()),
    }
    statements.set(statement, prepared)
    return statement
  }
  return {
    prepare: (query) => statementOf(db.prepare(query)),
    batch: <T>(all: SqlStatement[]) => told(db.batch<T>(all.map((statement) => statements.get(statement)!))),
  }
}
