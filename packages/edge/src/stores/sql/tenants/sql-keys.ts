import type { Role } from '@weft/protocol'
import type { AllKeys, Keys, StoredKey } from '../../tenants/keys.ts'
import { written } from '../../written.ts'
import type { SqlDatabase } from '../sql-database.ts'

interface Row {
  id: string
  tenant: string
  hash: string
  role: string
  name: string | null
  scopes: string
  created_at: number
  expires_at: number | null
  revoked_at: number | null
  rotated_to: string | null
  used_at: number | null
}

const columns = 'id, tenant, hash, role, name, scopes, created_at, expires_at, revoked_at, rotated_to, used_at'

const fromRow = (row: Row): StoredKey => ({
  id: row.id,
  object: 'key',
  tenant: row.tenant,
  role: row.role as Role,
  name: row.name,
  scopes: JSON.parse(row.scopes) as string[],
  createdAt: row.created_at,
  expiresAt: row.expires_at,
  revokedAt: row.revoked_at,
  usedAt: row.used_at,
  rotatedTo: row.rotated_to,
  hash: row.hash,
})

/** A tenant's keys in a database. */
export const sqlKeys = (db: SqlDatabase, tenant: string, now: () => number): Keys => {
  const insert = ({ id, hash, role, name, scopes, createdAt, expiresAt }: StoredKey) =>
    db
      .prepare('INSERT INTO keys (id, tenant, hash, role, name, scopes, created_at, expires_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?)')
      .bind(id, tenant, hash, role, name, JSON.stringify(scopes), createdAt, expiresAt)
  const good = 'revoked_at IS NULL AND (expires_at IS NULL OR expires_at > ?3)'
  return {
    async create(key) {
      await written(insert(key).run())
    },
    async get(id) {
      const row = await db.prepare(`SELECT ${columns} FROM keys WHERE id = ? AND tenant = ?`).bind(id, tenant).first<Row>()
      return row ? fromRow(row) : undefined
    },
    async list({ after, limit }) {
      const { results } = await db
        .prepare(
          `SELECT ${columns} FROM keys WHERE tenant = ?3
           AND (?1 IS NULL OR (created_at, id) < (SELECT created_at, id FROM keys WHERE id = ?1 AND tenant = ?3)) ORDER BY created_at DESC, id DESC LIMIT ?2`,
        )
        .bind(after ?? null, limit + 1, tenant)
        .all<Row>()
      return { keys: results.slice(0, limit).map(fromRow), hasMore: results.length > limit }
    },
    async revoke(id) {
      const update = db.prepare('UPDATE keys SET revoked_at = ?3 WHERE id = ?1 AND tenant = ?2 AND revoked_at IS NULL').bind(id, tenant, now())
      return (await written(update.run())).meta.changes > 0
    },
    async lineOf(id) {
      const select = db.prepare(
        `WITH RECURSIVE line(id) AS (SELECT id FROM keys WHERE id = ?1 AND tenant = ?2 UNION SELECT keys.id FROM keys JOIN line ON keys.rotated_to = line.id WHERE keys.tenant = ?2)
         SELECT id FROM line`,
      )
      return (await select.bind(id, tenant).all<{ id: string }>()).results.map((row) => row.id)
    },
    async replace(id, successor, expiresAt) {
      const update = db.prepare(`UPDATE keys SET rotated_to = ?4, expires_at = ?5 WHERE id = ?1 AND tenant = ?2 AND ${good} AND rotated_to IS NULL`)
      // Both or neither: the statements of a batch are one transaction. A key that is good no more gets no successor.
      const [replaced, made] = await written(
        db.batch([
          update.bind(id, tenant, now(), successor.id, expiresAt),
          db
            .prepare(
              `INSERT INTO keys (id, tenant, hash, role, name, scopes, created_at, expires_at)
               SELECT ?, tenant, ?, ?, ?, ?, ?, ? FROM keys WHERE id = ? AND tenant = ? AND rotated_to = ?`,
            )
            .bind(
              successor.id,
              successor.hash,
              successor.role,
              successor.name,
              JSON.stringify(successor.scopes),
              successor.createdAt,
              successor.expiresAt,
              id,
              tenant,
              successor.id,
            ),
        ]),
      )
      return (replaced?.meta.changes ?? 0) > 0 && (made?.meta.changes ?? 0) > 0
    },
  }
}

/** Those of every tenant. */
export const sqlAllKeys = (db: SqlDatabase): AllKeys => ({
  async get(id) {
    const row = await db.prepare(`SELECT ${columns} FROM keys WHERE id = ?`).bind(id).first<Row>()
    return row ? fromRow(row) : undefined
  },
  async isTenant(tenant) {
    const found = db.prepare('SELECT 1 FROM keys WHERE tenant = ?1 UNION ALL SELECT 1 FROM audit WHERE tenant = ?1 LIMIT 1').bind(tenant)
    return (await found.first()) !== null
  },
  async tenants() {
    const { results } = await db.prepare('SELECT DISTINCT tenant FROM keys ORDER BY tenant').all<{ tenant: string }>()
    return results.map(({ tenant }) => tenant)
  },
  async used(id, at) {
    await db.prepare('UPDATE keys SET used_at = ?2 WHERE id = ?1 AND (used_at IS NULL OR used_at < ?2)').bind(id, at).run()
  },
})
