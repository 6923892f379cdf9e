import type { RouteObject } from '@weft/protocol'
import type { Routes } from '../routes.ts'
import { written } from './written.ts'

/** Routes in D1. */
export const d1Routes = (db: D1Database): Routes => ({
  async get(name) {
    const json = await db.prepare('SELECT route FROM routes WHERE name = ?').bind(name).first<string>('route')
    return json === null ? undefined : (JSON.parse(json) as RouteObject)
  },
  async list() {
    const { results } = await db.prepare('SELECT route FROM routes ORDER BY name').all<{ route: string }>()
    return results.map((row) => JSON.parse(row.route) as RouteObject)
  },
  async put(route) {
    await written(
      db
        .prepare('INSERT INTO routes (name, route, updated_at) VALUES (?1, ?2, ?3) ON CONFLICT (name) DO UPDATE SET route = ?2, updated_at = ?3')
        .bind(route.name, JSON.stringify(route), route.updatedAt)
        .run(),
    )
  },
  async delete(name) {
    return (await written(db.prepare('DELETE FROM routes WHERE name = ?').bind(name).run())).meta.changes > 0
  },
})
