import { snakeCase } from '@weft/adapters'
import { counted, type UsageRow, type UsageStore } from '../usage.ts'

const keys = ['day', 'route', 'version', 'variant', 'kind'] as const
const columns = ['tenant', ...keys, ...counted].map(snakeCase)
const add = `INSERT INTO usage (${columns.join(', ')}) VALUES (${columns.map((_, i) => `?${i + 1}`).join(', ')})
  ON CONFLICT (tenant, day, route, version, variant, kind) DO UPDATE SET ${counted.map((name) => `${snakeCase(name)} = ${snakeCase(name)} + excluded.${snakeCase(name)}`).join(', ')}`
const read = `SELECT ${[...keys, ...counted].map((name) => `${snakeCase(name)} AS "${name}"`).join(', ')} FROM usage`

/** Sums in D1. */
export const d1Usage = (db: D1Database): UsageStore => ({
  async add(rows) {
    if (rows.length === 0) return
    await db.batch(rows.map((row) => db.prepare(add).bind(row.tenant, ...[...keys, ...counted].map((name) => row[name]))))
  },
  async list(tenant, { from, to, route }) {
    const where = `WHERE tenant = ? AND day BETWEEN ? AND ?${route === undefined ? '' : ' AND route = ?'} ORDER BY day, route, version, variant, kind`
    const { results } = await db
      .prepare(`${read} ${where}`)
      .bind(tenant, from, to, ...(route === undefined ? [] : [route]))
      .all<UsageRow>()
    return results
  },
})
