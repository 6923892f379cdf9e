import type { RouteObject } from '@weft/protocol'
import type { Routes } from '../routes.ts'
import { written } from '../written.ts'
import type { SqlDatabase } from './sql-database.ts'

/** The next version of a name: its number goes into the JSON in the same statement that makes it. */
const insertVersion = `INSERT INTO route_versions (tenant, name, version, route, created_at)
  SELECT ?1, ?2, next, json_set(?3, '$.version', next), ?4
  FROM (SELECT COALESCE(MAX(version), 0) + 1 AS next FROM route_versions WHERE tenant = ?1 AND name = ?2) AS numbered
  RETURNING route`
const useNewest = `INSERT INTO routes (tenant, name, route, updated_at)
  SELECT tenant, name, route, created_at FROM route_versions WHERE tenant = ?1 AND name = ?2 ORDER BY version DESC LIMIT 1
  ON CONFLICT (tenant, name) DO UPDATE SET route = excluded.route, updated_at = excluded.updated_at`

/** A tenant's routes in a database. */
export const sqlRoutes = (db: SqlDatabase, tenant: string): Routes => ({
  async get(name) {
    const json = await db.prepare('SELECT route FROM routes WHERE tenant = ? AND name = ?').bind(tenant, name).first<string>('route')
    return json === null ? undefined : (JSON.parse(json) as RouteObject)
  },
  async list() {
    const { results } = await db.prepare('SELECT route FROM routes WHERE tenant = ? ORDER BY name').bind(tenant).all<{ route: string }>()
    return results.map((row) => JSON.parse(row.route) as RouteObject)
  },
  async put(route) {
    // A batch is one transaction.
    const [made] = await written(
      db.batch<{ route: string }>([
        db.prepare(insertVersion).bind(tenant, route.name, JSON.stringify(route), route.updatedAt),
        db.prepare(useNewest).bind(tenant, route.name),
      ]),
    )
    return JSON.parse(made!.results[0]!.route) as RouteObject
  },
  async delete(name) {
    return (await written(db.prepare('DELETE FROM routes WHERE tenant = ? AND name = ?').bind(tenant, name).run())).meta.changes > 0
  },
  async versions(name) {
    const query = db.prepare('SELECT route FROM route_versions WHERE tenant = ? AND name = ? ORDER BY version DESC')
    return (await query.bind(tenant, name).all<{ route: string }>()).results.map((row) => JSON.parse(row.route) as RouteObject)
  },
})
