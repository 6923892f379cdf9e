import { databaseNotUnderstood, homeNotWrittenOut } from '../errors.ts'
import { isHome, schemeOf } from '../scheme.ts'
import type { DatabaseEvents, OwnDatabase } from './own-database.ts'

/**
 * Opens `postgres://…`, or else a file for SQLite. Errors: 400 `invalid_database`; `database_unreachable`, `database_in_use`, `database_newer`,
 * `database_foreign`, `migrations_failed`, and what `onNew` throws.
 */
export async function openDatabase(database: string, events: DatabaseEvents): Promise<OwnDatabase> {
  const scheme = schemeOf(database)
  if (/^postgres(ql)?:\/\//.test(database)) return (await import('./postgres-database.ts')).openPostgres(database, events)
  // SQLite's name for no file: everything would be gone at the end, and a file of that name is not what was meant.
  if (database === '' || database === ':memory:' || (scheme !== undefined && scheme !== 'file')) throw databaseNotUnderstood(database)
  if (isHome(database)) throw homeNotWrittenOut('database', database)
  return (await import('./sqlite-database.ts')).openSqlite(database, events)
}
