import type { SqlDatabase } from '@weft/edge/host'
import { databaseHalfMoved, databaseMoved } from '../errors.ts'

/** Names of `settings`: where a database was moved to, and of one that is being filled, where from. */
export const movedTo = 'moved_to'
export const movingFrom = 'moving_from'

const readMark = (database: SqlDatabase, name: string): Promise<string | null> =>
  database.prepare('SELECT value FROM settings WHERE name = ?').bind(name).first<string>('value')

/**
 * That a database is the one of its deployment: two that name the same files would take them from one another. Errors 400 `database_moved`, `database_half_moved`.
 *
 * @param name as it was given
 */
export async function requireInPlace(database: SqlDatabase, name: string): Promise<void> {
  const to = await readMark(database, movedTo)
  if (to !== null) throw databaseMoved(name, to)
  const from = await readMark(database, movingFrom)
  if (from !== null) throw databaseHalfMoved(name, from)
}
