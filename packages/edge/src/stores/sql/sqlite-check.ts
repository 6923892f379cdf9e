import { databaseDamaged, databaseIncomplete } from '../../errors.ts'
import type { SqlDatabase } from './sql-database.ts'

/** What the migrations make. */
const tables = [
  'adapter_aliases',
  'adapter_probes',
  'adapter_versions',
  'audit',
  'batches',
  'calibrations',
  'files',
  'jobs',
  'keys',
  'response_items',
  'responses',
  'routes',
  'shares',
  'signing_keys',
]

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
  const missing = tables.filter((table) => !found.some(({ name }) => name === table))
  if (missing.length) throw databaseIncomplete(missing)
  const { results } = await db
    .prepare('PRAGMA quick_check')
    .all<{ quick_check: string }>()
    .catch((error: Error) => {
      throw databaseDamaged(error.message)
    })
  const [first] = results
  if (first && first.quick_check !== 'ok') throw databaseDamaged(first.quick_check)
}
