import { secondOfFile } from '../../identifiers.ts'
import type { SqlDatabase } from './sql-database.ts'

/** Tables whose rows have `id` and `created_at`, and the column that holds the row's JSON. */
const jsonColumns = { files: 'file', jobs: 'job', batches: 'record' } as const

/** Both are walked along one index, from either end. */
const orders = { desc: { behind: '<', by: 'DESC' }, asc: { behind: '>', by: 'ASC' } } as const

/** A page of a tenant's part of a table, as JSON, newest first or oldest first. Pages go by the row that the last one ended on, so that new rows in between shift nothing; of a file that is gone, by what its id tells. */
export async function pageByTime<T>(
  db: SqlDatabase,
  table: keyof typeof jsonColumns,
  tenant: string,
  { after, limit, purpose, order = 'desc' }: { after?: string | undefined; limit: number; purpose?: string | undefined; order?: keyof typeof orders },
): Promise<{ rows: T[]; hasMore: boolean }> {
  const { behind, by } = orders[order]
  const { results } = await db
    .prepare(
      `SELECT ${jsonColumns[table]} AS json FROM ${table}
       WHERE tenant = ?3 AND (?1 IS NULL OR (created_at, id) ${behind} (COALESCE((SELECT created_at FROM ${table} WHERE id = ?1 AND tenant = ?3), ?5), ?1))
       AND (?4 IS NULL OR ${jsonColumns[table]} ->> 'purpose' = ?4)
       ORDER BY created_at ${by}, id ${by} LIMIT ?2`,
    )
    .bind(after ?? null, limit + 1, tenant, purpose ?? null, (after === undefined ? undefined : secondOfFile(after)) ?? null)
    .all<{ json: string }>()
  return { rows: results.slice(0, limit).map(({ json }) => JSON.parse(json) as T), hasMore: results.length > limit }
}
