import type { AuditEntry } from '@weft/protocol'
import { type AuditLog, auditId, placeOfAuditId } from '../../tenants/audit-log.ts'
import { written } from '../../written.ts'
import type { SqlDatabase } from '../sql-database.ts'

interface Row {
  seq: number
  tenant: string
  principal: string
  action: string
  object: string
  before: string | null
  after: string | null
  request_id: string | null
  created_at: number
}

/** Entries of one statement, which a value of D1 has room for. */
const atOnce = 500

const fromRow = (row: Row): AuditEntry => ({
  id: auditId(row.seq),
  object: 'audit.entry',
  createdAt: row.created_at,
  tenant: row.tenant,
  principal: row.principal,
  action: row.action,
  target: row.object,
  before: row.before,
  after: row.after,
  requestId: row.request_id,
})

/** A tenant's audit log in a database, whose triggers refuse to change or delete what is there. */
export const sqlAuditLog = (db: SqlDatabase, tenant: string, now: () => number): AuditLog => ({
  async append(...changes) {
    // One statement for many: D1 counts each, and takes a thousand of one invocation.
    const insert = db.prepare(
      `INSERT INTO audit (tenant, seq, principal, action, object, before, after, request_id, created_at)
       SELECT ?1, (SELECT COALESCE(MAX(seq), 0) FROM audit WHERE tenant = ?1) + 1 + made.key, made.value ->> 'principal', made.value ->> 'action',
       made.value ->> 'target', made.value ->> 'before', made.value ->> 'after', made.value ->> 'requestId', ?3 FROM json_each(?2) AS made`,
    )
    for (let at = 0; at < changes.length; at += atOnce) await written(insert.bind(tenant, JSON.stringify(changes.slice(at, at + atOnce)), now()).run())
  },
  async has(id) {
    return (await db.prepare('SELECT 1 FROM audit WHERE tenant = ? AND seq = ?').bind(tenant, placeOfAuditId(id)).first()) !== null
  },
  async page({ after, limit }) {
    const { results } = await db
      .prepare('SELECT * FROM audit WHERE tenant = ?1 AND (?2 IS NULL OR seq < ?2) ORDER BY seq DESC LIMIT ?3')
      .bind(tenant, after === undefined ? null : placeOfAuditId(after), limit + 1)
      .all<Row>()
    return { entries: results.slice(0, limit).map(fromRow), hasMore: results.length > limit }
  },
})
