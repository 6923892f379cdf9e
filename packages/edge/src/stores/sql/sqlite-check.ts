import { databaseDamaged } from '../../errors.ts'
import type { SqlDatabase } from './sql-database.ts'
import { requireTables } from './tables.ts'

/**
 * Looks over the database as a whole: that its pages are in order and its tables are there. Errors 500 `database_damaged`,
 * `database_incomplete`.
 */
export async function checkDatabase(db: SqlDatabase): Promise<void> {
  const { results: found } = await db
    .prepare("SELECT name FROM sqlite_master WHERE type = 'table'")
    .all<{ name: string }>()
    .catch((error: Error) => {
      throw databaseDamaged(error.message)
    })
  requireTables(found)
  const { results } = await db
    .prepare('PRAGMA quick_check')
    .all<{ quick_check: string }>()
    .catch((error: Error) => {
      throw databaseDamaged(error.message)
    })
  const [first] = results
  if (first && first.quick_check !== 'ok') throw databaseDamaged(first.quick_check)
}
