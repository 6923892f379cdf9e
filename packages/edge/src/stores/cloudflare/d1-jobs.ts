import type { JobRecord, Jobs } from '../jobs.ts'
import { newestFirst } from './newest-first.ts'
import { written } from './written.ts'

/** Of a row of `jobs`, as the index spells it. */
export const isUnfinished = "status IN ('validating_files', 'queued', 'running')"

/** Jobs in D1. */
export const d1Jobs = (db: D1Database): Jobs => ({
  async create(record) {
    const { id, status, createdAt } = record.job
    await written(db.prepare('INSERT INTO jobs (id, status, job, created_at) VALUES (?, ?, ?, ?)').bind(id, status, JSON.stringify(record), createdAt).run())
  },
  async save(record) {
    await written(db.prepare('UPDATE jobs SET status = ?2, job = ?3 WHERE id = ?1').bind(record.job.id, record.job.status, JSON.stringify(record)).run())
  },
  async delete(id) {
    await written(db.prepare('DELETE FROM jobs WHERE id = ?').bind(id).run())
  },
  async get(id) {
    const json = await db.prepare('SELECT job FROM jobs WHERE id = ?').bind(id).first<string>('job')
    return json === null ? undefined : (JSON.parse(json) as JobRecord)
  },
  async list(page) {
    const { rows, hasMore } = await newestFirst<JobRecord>(db, 'jobs', page)
    return { jobs: rows.map(({ job }) => job), hasMore }
  },
  async unfinished() {
    const { results } = await db.prepare(`SELECT id FROM jobs WHERE ${isUnfinished} ORDER BY created_at`).all<{ id: string }>()
    return results.map((row) => row.id)
  },
})
