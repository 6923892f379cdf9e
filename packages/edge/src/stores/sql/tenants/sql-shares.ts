import type { Share, Shares } from '../../tenants/shares.ts'
import { written } from '../../written.ts'
import type { SqlDatabase } from '../sql-database.ts'

/** A tenant's shares in a database. */
export const sqlShares = (db: SqlDatabase, tenant: string, now: () => number): Shares => ({
  async list() {
    return (await db.prepare('SELECT owner, prefix, reader FROM shares WHERE owner = ? ORDER BY prefix, reader').bind(tenant).all<Share>()).results
  },
  async withThis() {
    const select = db.prepare("SELECT owner, prefix, reader FROM shares WHERE reader IN (?1, '*') AND owner <> ?1 ORDER BY owner, prefix")
    return (await select.bind(tenant).all<Share>()).results
  },
  async put({ prefix, reader }) {
    const insert = db.prepare('INSERT INTO shares (owner, prefix, reader, created_at) VALUES (?, ?, ?, ?) ON CONFLICT DO NOTHING')
    await written(insert.bind(tenant, prefix, reader, now()).run())
  },
  async delete({ prefix, reader }) {
    const remove = db.prepare('DELETE FROM shares WHERE owner = ? AND prefix = ? AND reader = ?').bind(tenant, prefix, reader)
    return (await written(remove.run())).meta.changes > 0
  },
})
