import type { WeftError } from '@weft/adapters'
import { databaseIncomplete } from '../../errors.ts'

/** What the migrations make. No statement of a store asks one without saying whose rows are meant. */
export const tables = [
  'adapter_aliases',
  'adapter_probes',
  'adapter_versions',
  'audit',
  'batches',
  'calibrations',
  'files',
  'idempotency_keys',
  'jobs',
  'keys',
  'response_items',
  'responses',
  'route_versions',
  'routes',
  'shares',
  'signing_keys',
  'tenant_policies',
  'usage',
]

/** @throws WeftError `database_incomplete`, which names the tables that are not among those found */
export function requireTables(found: readonly { name: string }[]): void {
  const missing = tables.filter((table) => !found.some(({ name }) => name === table))
  if (missing.length > 0) throw databaseIncomplete(missing)
}

/** How SQLite, and D1 with it, and PostgreSQL say that a table, or a column, is not there. */
const sayings = [/\bno such (?:table|column): (?:\w+\.)?(\w+)/, /\b(?:relation|column) "?(?:\w+\.)?(\w+)"? does not exist/]

/** `database_incomplete` for a statement that failed since a table or a column is not there; undefined where that is not why. */
export function notMigrated(error: unknown): WeftError | undefined {
  if (!(error instanceof Error)) return undefined
  const missing = sayings.map((saying) => saying.exec(error.message)?.[1]).find(Boolean)
  return missing === undefined ? undefined : databaseIncomplete([missing])
}
