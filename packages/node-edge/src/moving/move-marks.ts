import type { SqlDatabase } from '@weft/edge/host'
import { databaseHalfMoved, databaseMoved, storageHalfMoved } from '../errors.ts'
import type { StorageMark } from '../storage/own-storage.ts'

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

/** What stands in a storage's mark until it has everything of another one. @param id of the database whose storage that is; undefined where it says none */
export const fillingMark = (id: string | undefined, from: string): string => `half moved: ${id ?? 'without an id'}, from ${from}`

/** Whether a mark says that its storage is being filled from one with this id. */
export const isFilling = (mark: string, id: string | undefined): boolean => mark.startsWith(fillingMark(id, ''))

/**
 * That a storage was filled to its end: of one that was not, what is lacking would be told as lost. Error 400 `storage_half_moved`.
 *
 * @param marked what its mark says
 * @param storage as it was given
 */
export function requireFilled(marked: string | undefined, { place }: StorageMark, storage: string): void {
  const from = /^half moved: .*?, from (.*)$/.exec(marked ?? '')?.[1]
  if (from !== undefined) throw storageHalfMoved(storage, from, place)
}
