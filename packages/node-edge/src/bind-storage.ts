import { randomUUID } from 'node:crypto'
import type { SqlDatabase } from '@weft/edge/host'
import { storageFilledBeforeNew, storageMarkedBeforeNew, storageMarkedByAnother } from './errors.ts'
import { requireFilled } from './moving/move-marks.ts'
import type { StorageMark } from './storage/own-storage.ts'

/** As the options name them. */
interface Named {
  database: string
  storage: string
}

/**
 * Before a new database is made: whatever the storage has is not its own. Not asked later, when a start that was refused would have left a database that is new
 * no more. Errors 400 `storage_of_another_database`, `storage_half_moved`.
 */
export async function requireUnowned(mark: StorageMark, { database, storage }: Named): Promise<void> {
  const marked = await mark.read()
  requireFilled(marked, mark, storage)
  if (marked !== undefined) throw storageMarkedBeforeNew(storage, database, mark.place)
  if (await mark.hasObjects()) throw storageFilledBeforeNew(storage, database)
}

/** The id that a database and its storage have in common; null before a storage was bound. */
export const deploymentOf = (database: SqlDatabase): Promise<string | null> =>
  database.prepare("SELECT value FROM settings WHERE name = 'deployment_id'").first<string>('value')

/**
 * Binds a storage to its database: both hold the same id from the first start on, or from the first one of a version that gives ids. A storage without a mark is
 * taken: it is an empty one, the one that an older version filled, or a copy without its mark. Errors 400 `storage_of_another_database`, `storage_half_moved`.
 */
export async function bindStorage(database: SqlDatabase, mark: StorageMark, named: Named): Promise<void> {
  const kept = await deploymentOf(database)
  let marked = await mark.read()
  if (marked !== undefined && marked === kept) return
  requireFilled(marked, mark, named.storage)
  if (marked === undefined) {
    const id = kept ?? randomUUID()
    // First in the database: a start that ends in between leaves a storage that is nobody's yet, which the next one takes.
    if (kept === null) await database.prepare("INSERT INTO settings (name, value) VALUES ('deployment_id', ?)").bind(id).run()
    marked = await mark.write(id)
    if (marked === id) return
  }
  throw storageMarkedByAnother(named.storage, named.database, mark.place)
}
