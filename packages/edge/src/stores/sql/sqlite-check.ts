import { isWeftError } from '@weft/protocol'
import { databaseDamaged } from '../../errors.ts'
import type { DatabaseCheck } from '../database-check.ts'
import type { SqlDatabase } from './sql-database.ts'
import { requireTables } from './tables.ts'

/** One that is away for a moment says so by itself; what else goes wrong here is a database that cannot be read. */
const unreadable = (error: Error): never => {
  throw isWeftError(error) ? error : databaseDamaged(error.message)
}

/**
 * Looks over the database: that its tables are there, and that its pages are in order. Errors 500 `database_damaged`,
 * `database_incomplete`.
 */
export async function checkDatabase(db: SqlDatabase, what: DatabaseCheck): Promise<void> {
  const { results: found } = await db.prepare("SELECT name FROM sqlite_master WHERE type = 'table'").all<{ name: string }>().catch(unreadable)
  requireTables(found)
  if (what === 'tables') return
  const { results } = await db.prepare('PRAGMA quick_check').all<{ quick_check: string }>().catch(unreadable)
  const [first] = results
  if (first && first.quick_check !== 'ok') throw databaseDamaged(first.quick_check)
}
