import { unlessTaken } from '../../idempotency/unless-taken.ts'
import type { JobRecord, Jobs } from '../jobs.ts'
import type { AllJobs } from '../tenant-stores.ts'
import { written } from '../written.ts'
import { pageByTime } from './page-by-time.ts'
import type { SqlDatabase } from './sql-database.ts'

/** Of a row of `jobs`, as the index spells it. */
export const isUnfinished = "status IN ('validating_files', 'queued', 'running', 'paused')"

/** A tenant's jobs in a database. */
export const sqlJobs = (db: SqlDatabase, tenant: string): Jobs => ({
  async create(records) {
    const insert = db.prepare('INSERT INTO jobs (tenant, id, status, job, created_at) VALUES (?, ?, ?, ?, ?)')
    const row = (record: JobRecord) => insert.bind(tenant, record.job.id, record.job.status, JSON.stringify({ ...record, tenant }), record.job.createdAt)
    await written(unlessTaken(db.batch(records.map(row))))
  },
  async save(record) {
    const update = db.prepare('UPDATE jobs SET status = ?2, job = ?3 WHERE id = ?1 AND tenant = ?4')
    await written(update.bind(record.job.id, record.job.status, JSON.stringify({ ...record, tenant }), tenant).run())
  },
  async delete(ids) {
    const remove = db.prepare('DELETE FROM jobs WHERE id = ? AND tenant = ?')
    await written(db.batch(ids.map((id) => remove.bind(id, tenant))))
  },
  async unfinishedOf(principals) {
    const select = db.prepare(
      `SELECT id FROM jobs WHERE tenant = ?1 AND ${isUnfinished} AND job ->> '$.by' IN (SELECT value FROM json_each(?2)) ORDER BY created_at`,
    )
    return (await select.bind(tenant, JSON.stringify(principals)).all<{ id: string }>()).results.map(({ id }) => id)
  },
  async get(id) {
    const json = await db.prepare('SELECT job FROM jobs WHERE id = ? AND tenant = ?').bind(id, tenant).first<string>('job')
    return json === null ? undefined : (JSON.parse(json) as JobRecord)
  },
  async getAll(ids) {
    const select = db.prepare('SELECT job FROM jobs WHERE tenant = ?1 AND id IN (SELECT value FROM json_each(?2))')
    return (await select.bind(tenant, JSON.stringify(ids)).all<{ job: string }>()).results.map(({ job }) => JSON.parse(job) as JobRecord)
  },
  async settledIn(settlement) {
    const select = db.prepare("SELECT job FROM jobs WHERE tenant = ?1 AND job ->> '$.job.settles' IS NOT NULL AND job ->> '$.job.joint' = ?2")
    return (await select.bind(tenant, settlement).all<{ job: string }>()).results.map(({ job }) => (JSON.parse(job) as JobRecord).job)
  },
  async list(page) {
    const { rows, hasMore } = await pageByTime<JobRecord>(db, 'jobs', tenant, page)
    return { jobs: rows.map(({ job }) => job), hasMore }
  },
})

/** Those of every tenant. */
export const sqlAllJobs = (db: SqlDatabase): AllJobs => ({
  async get(id) {
    const row = await db.prepare('SELECT tenant, job FROM jobs WHERE id = ?').bind(id).first<{ tenant: string; job: string }>()
    return row ? { ...(JSON.parse(row.job) as JobRecord), tenant: row.tenant } : undefined
  },
  async unfinished() {
    const { results } = await db.prepare(`SELECT id FROM jobs WHERE ${isUnfinished} ORDER BY created_at`).all<{ id: string }>()
    return results.map((row) => row.id)
  },
})
