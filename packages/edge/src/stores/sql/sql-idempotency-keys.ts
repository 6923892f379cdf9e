import { givenUpSeconds, type IdempotencyKeys, keptSeconds } from '../idempotency-keys.ts'
import { written } from '../written.ts'
import type { SqlDatabase, SqlResult } from './sql-database.ts'

interface Row {
  request: string
  status: number | null
  body: string | null
}

/** A tenant's idempotency keys in a database. What is too old goes whenever a key is taken. */
export const sqlIdempotencyKeys = (db: SqlDatabase, tenant: string, now: () => number): IdempotencyKeys => ({
  async claim(key, request) {
    const old = db
      .prepare('DELETE FROM idempotency_keys WHERE tenant = ?1 AND (created_at <= ?2 OR (created_at <= ?3 AND status IS NULL))')
      .bind(tenant, now() - keptSeconds, now() - givenUpSeconds)
    const taken = db
      .prepare('INSERT INTO idempotency_keys (tenant, key, request, created_at) VALUES (?1, ?2, ?3, ?4) ON CONFLICT (tenant, key) DO NOTHING')
      .bind(tenant, key, request, now())
    const held = db.prepare('SELECT request, status, body FROM idempotency_keys WHERE tenant = ?1 AND key = ?2').bind(tenant, key)
    const [, insertion, { results }] = (await written(db.batch<Row>([old, taken, held]))) as [SqlResult<Row>, SqlResult<Row>, SqlResult<Row>]
    if (insertion.meta.changes > 0) return undefined
    const { request: first, status, body } = results[0]!
    return { request: first, ...(status === null ? {} : { answer: { status, body: body ?? '' } }) }
  },
  async renew(key) {
    await db.prepare('UPDATE idempotency_keys SET created_at = ?3 WHERE tenant = ?1 AND key = ?2 AND status IS NULL').bind(tenant, key, now()).run()
  },
  async answer(key, { status, body }) {
    await db.prepare('UPDATE idempotency_keys SET status = ?3, body = ?4 WHERE tenant = ?1 AND key = ?2').bind(tenant, key, status, body).run()
  },
  async release(key) {
    await db.prepare('DELETE FROM idempotency_keys WHERE tenant = ?1 AND key = ?2 AND status IS NULL').bind(tenant, key).run()
  },
})

/** Frees the keys of every tenant whose requests are not answered: for the only process that answers any, before it does. */
export async function sweepUnansweredKeys(db: SqlDatabase): Promise<void> {
  await written(db.prepare('DELETE FROM idempotency_keys WHERE status IS NULL').run())
}
