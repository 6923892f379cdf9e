import { snakeCase } from '@weft/adapters'
import { type AllUsage, counted, type TenantUsage, type UsageRow } from '../usage.ts'
import type { SqlDatabase } from './sql-database.ts'

const keys = ['day', 'route', 'version', 'variant', 'kind'] as const
const values = [...keys, ...counted] as const
const read = `SELECT ${values.map((name) => `${snakeCase(name)} AS "${name}"`).join(', ')} FROM usage`

/** A tenant's sums in a database. */
export const sqlUsage = (db: SqlDatabase, tenant: string): TenantUsage => ({
  async list({ from, to, route }) {
    const where = `WHERE tenant = ? AND day BETWEEN ? AND ?${route === undefined ? '' : ' AND route = ?'} ORDER BY day, route, version, variant, kind`
    const { results } = await db
      .prepare(`${read} ${where}`)
      .bind(tenant, from, to, ...(route === undefined ? [] : [route]))
      .all<UsageRow>()
    return results
  },
})

/** Those of every tenant. */
export function sqlAllUsage(db: SqlDatabase): AllUsage {
  const columns = ['tenant', ...values].map(snakeCase)
  const sums = counted.map(snakeCase).map((name) => `${name} = usage.${name} + excluded.${name}`)
  const add = `INSERT INTO usage (${columns.join(', ')}) VALUES (${columns.map((_, i) => `?${i + 1}`).join(', ')})
    ON CONFLICT (tenant, day, route, version, variant, kind) DO UPDATE SET ${sums.join(', ')}`
  return {
    async add(rows) {
      if (rows.length === 0) return
      await db.batch(rows.map((row) => db.prepare(add).bind(row.tenant, ...values.map((name) => row[name]))))
    },
  }
}
