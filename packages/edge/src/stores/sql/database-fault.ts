import type { WeftError } from '@weft/adapters'
import { databaseDamaged, storageReadOnly } from '../../errors.ts'
import { notMigrated } from './tables.ts'

/** How SQLite, and D1 with it, and PostgreSQL say that what they read is no longer what they wrote. */
const damaged = /\b(?:disk image is malformed|file is not a database|invalid page in block)\b/
/** The same, and a folder's system, of what may not be written. */
const readOnly = /\b(?:readonly database|read-only (?:transaction|file ?system))\b/i

/**
 * What is wrong with a store as a whole, where that is why it failed: 500 `database_damaged`, `database_incomplete`, 507 `storage_read_only`. Undefined
 * where it says nothing of the kind.
 */
export function databaseFault(error: unknown): WeftError | undefined {
  if (!(error instanceof Error)) return undefined
  if (damaged.test(error.message)) return databaseDamaged(error.message)
  return readOnly.test(error.message) ? storageReadOnly(error) : notMigrated(error)
}
