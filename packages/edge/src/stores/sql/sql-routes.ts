import type { RouteObject } from '@weft/protocol'
import { routeMoved } from '../../adapters/errors.ts'
import type { Routes } from '../routes.ts'
import { written } from '../written.ts'
import type { SqlDatabase } from './sql-database.ts'

/** The next version of a name: its number goes into the JSON in the same statement that makes it, which asks first whether what is served is what `?5` expects; -1 expects nothing. */
const insertVersion = `INSERT INTO route_versions (tenant, name, version, route, created_at)
  SELECT ?1, ?2, next, json_set(?3, '$.version', next), ?4
  FROM (SELECT COALESCE(MAX(version), 0) + 1 AS next FROM route_versions WHERE tenant = ?1 AND name = ?2) AS numbered
  WHERE ?5 IN (-1, CASE WHEN EXISTS (SELECT 1 FROM routes WHERE tenant = ?1 AND name = ?2) THEN next - 1 ELSE 0 END)
  RETURNING route`
/** Of a change that was refused, the newest version is another than `?3`: what was deleted must not come back by it. */
const useNewest = `INSERT INTO routes (tenant, name, route, updated_at)
  SELECT tenant, name, route, created_at FROM route_versions WHERE tenant = ?1 AND name = ?2 AND route = json_set(?3, '$.version', version)
    AND version = (SELECT MAX(version) FROM route_versions WHERE tenant = ?1 AND name = ?2)
  ON CONFLICT (tenant, name) DO UPDATE SET route = excluded.route, updated_at = excluded.updated_at`

/** Where what is served is the version `?3`; -1 expects nothing. What is served is the newest. */
const deleteServed = `DELETE FROM routes WHERE tenant = ?1 AND name = ?2
  AND ?3 IN (-1, (SELECT MAX(version) FROM route_versions WHERE tenant = ?1 AND name = ?2))`

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
  async put(route, expected) {
    const json = JSON.stringify(route)
    // A batch is one transaction.
    const [made] = await written(
      db.batch<{ route: string }>([
        db.prepare(insertVersion).bind(tenant, route.name, json, route.updatedAt, expected === undefined ? -1 : (expected ?? 0)),
        db.prepare(useNewest).bind(tenant, route.name, json),
      ]),
    )
    const [row] = made!.results
    if (!row) throw routeMoved(route.name, (await this.get(route.name))?.version ?? null)
    return JSON.parse(row.route) as RouteObject
  },
  async delete(name, expected) {
    const statement = db.prepare(deleteServed).bind(tenant, name, expected === undefined ? -1 : (expected ?? 0))
    const existed = (await written(statement.run())).meta.changes > 0
    const served = existed || expected === undefined ? undefined : await this.get(name)
    if (served) throw routeMoved(name, served.version)
    return existed
  },
  async versions(name) {
    const query = db.prepare('SELECT route FROM route_versions WHERE tenant = ? AND name = ? ORDER BY version DESC')
    return (await query.bind(tenant, name).all<{ route: string }>()).results.map((row) => JSON.parse(row.route) as RouteObject)
  },
  async history(names) {
    const query = db.prepare('SELECT route FROM route_versions WHERE tenant = ?1 AND name IN (SELECT value FROM json_each(?2)) ORDER BY name, version DESC')
    return (await query.bind(tenant, JSON.stringify(names)).all<{ route: string }>()).results.map((row) => JSON.parse(row.route) as RouteObject)
  },
})
