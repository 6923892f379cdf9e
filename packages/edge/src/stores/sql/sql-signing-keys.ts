import type { SigningKeys, TrustedKey } from '../signing-keys.ts'
import { written } from '../written.ts'
import type { SqlDatabase } from './sql-database.ts'

/** A tenant's trusted keys in a database. */
export const sqlSigningKeys = (db: SqlDatabase, tenant: string): SigningKeys => ({
  async list() {
    const { results } = await db
      .prepare('SELECT id, name, expires_at AS "expiresAt", created_at AS "createdAt" FROM signing_keys WHERE tenant = ? ORDER BY created_at, id')
      .bind(tenant)
      .all<TrustedKey & Record<string, unknown>>()
    return results
  },
  async put({ id, name, expiresAt, createdAt }) {
    await written(
      db
        .prepare(
          `INSERT INTO signing_keys (tenant, id, name, expires_at, created_at) VALUES (?1, ?2, ?3, ?4, ?5)
           ON CONFLICT (tenant, id) DO UPDATE SET name = excluded.name, expires_at = excluded.expires_at`,
        )
        .bind(tenant, id, name, expiresAt, createdAt)
        .run(),
    )
  },
  async delete(id) {
    return (await written(db.prepare('DELETE FROM signing_keys WHERE tenant = ? AND id = ?').bind(tenant, id).run())).meta.changes > 0
  },
})
