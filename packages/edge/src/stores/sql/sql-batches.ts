import { unlessTaken } from '../../idempotency/unless-taken.ts'
import type { Batches, BatchRecord } from '../batches.ts'
import type { AllBatches } from '../tenant-stores.ts'
import { written } from '../written.ts'
import { pageByTime } from './page-by-time.ts'
import type { SqlDatabase } from './sql-database.ts'

/** Of a row of `batches`, as the index spells it. */
export const isUnfinishedBatch = "status IN ('validating', 'in_progress', 'finalizing', 'cancelling')"

/** A tenant's batches in a database. */
export const sqlBatches = (db: SqlDatabase, tenant: string): Batches => ({
  async create(record) {
    const { id, status, createdAt } = record.batch
    const insert = db.prepare('INSERT INTO batches (tenant, id, status, record, created_at) VALUES (?, ?, ?, ?, ?)')
    await written(unlessTaken(insert.bind(tenant, id, status, JSON.stringify(record), createdAt).run()))
  },
  async save(record) {
    const { id, status } = record.batch
    const update = db.prepare('UPDATE batches SET status = ?2, record = ?3 WHERE id = ?1 AND tenant = ?4')
    await written(update.bind(id, status, JSON.stringify(record), tenant).run())
  },
  async delete(id) {
    await written(db.prepare('DELETE FROM batches WHERE id = ? AND tenant = ?').bind(id, tenant).run())
  },
  async unfinishedOf(principals) {
    const select = db.prepare(
      `SELECT id FROM batches WHERE tenant = ?1 AND ${isUnfinishedBatch} AND record ->> '$.principal.id' IN (SELECT value FROM json_each(?2)) ORDER BY created_at`,
    )
    return (await select.bind(tenant, JSON.stringify(principals)).all<{ id: string }>()).results.map(({ id }) => id)
  },
  async unfinishedOn(route) {
    const select = db.prepare(`SELECT record FROM batches WHERE tenant = ? AND ${isUnfinishedBatch} ORDER BY created_at`)
    const records = (await select.bind(tenant).all<{ record: string }>()).results.map(({ record }) => JSON.parse(record) as BatchRecord)
    return records.filter(({ pins }) => pins && Object.hasOwn(pins.routes, route)).map(({ batch }) => batch.id)
  },
  async get(id) {
    const json = await db.prepare('SELECT record FROM batches WHERE id = ? AND tenant = ?').bind(id, tenant).first<string>('record')
    return json === null ? undefined : (JSON.parse(json) as BatchRecord)
  },
  async getAll(ids) {
    const select = db.prepare('SELECT record FROM batches WHERE tenant = ?1 AND id IN (SELECT value FROM json_each(?2))')
    return (await select.bind(tenant, JSON.stringify(ids)).all<{ record: string }>()).results.map(({ record }) => JSON.parse(record) as BatchRecord)
  },
  async list(page) {
    const { rows, hasMore } = await pageByTime<BatchRecord>(db, 'batches', tenant, page)
    return { batches: rows.map(({ batch }) => batch), hasMore }
  },
})

/** Those of every tenant. */
export const sqlAllBatches = (db: SqlDatabase): AllBatches => ({
  async get(id) {
    const json = await db.prepare('SELECT record FROM batches WHERE id = ?').bind(id).first<string>('record')
    return json === null ? undefined : (JSON.parse(json) as BatchRecord)
  },
  async unfinished() {
    const { results } = await db.prepare(`SELECT id FROM batches WHERE ${isUnfinishedBatch} ORDER BY created_at`).all<{ id: string }>()
    return results.map((row) => row.id)
  },
})
