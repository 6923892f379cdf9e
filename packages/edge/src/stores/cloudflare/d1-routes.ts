import type { RouteObject } from '@weft/protocol'
import type { Routes } from '../routes.ts'
import { written } from './written.ts'

/** A tenant's routes in D1. */
export const d1Routes = (db: D1Database, tenant: string): Routes => ({
  async get(name) {
    const json = await db.prepare('SELECT route FROM routes WHERE tenant = ? AND name = ?').bind(tenant, name).first<string>('route')
    return json === null ? undefined : (JSON.parse(json) as RouteObject)
  },
  async list() {
    const { results } = await db.prepare('SELECT route FROM routes WHERE tenant = ? ORDER BY name').bind(tenant).all<{ route: string }>()
    return results.map((row) => JSON.parse(row.route) as RouteObject)
  },
  async put(route) {
    await written(
      db
        .prepare(
          'INSERT INTO routes (tenant, name, route, updated_at) VALUES (?4, ?1, ?2, ?3) ON CONFLICT (tenant, name) DO UPDATE SET route = ?2, updated_at = ?3',
        )
        .bind(route.name, JSON.stringify(route), route.updatedAt, tenant)
        .run(),
    )
  },
  async delete(name) {
    return (await written(db.prepare('DELETE FROM routes WHERE tenant = ? AND name = ?').bind(tenant, name).run())).meta.changes > 0
  },
})
