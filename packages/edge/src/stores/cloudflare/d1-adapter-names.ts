import type { AdapterManifest } from '@weft/adapters'
import type { AdapterNames, AdapterVersion } from '../adapter-names.ts'

interface Row {
  name: string
  version: number
  digest: string
  bytes: number
  manifest: string
  job_id: string | null
  created_at: number
}

const columns = 'name, version, digest, bytes, manifest, job_id, created_at'

const fromRow = (row: Row): AdapterVersion => ({
  name: row.name,
  version: row.version,
  digest: row.digest,
  bytes: row.bytes,
  manifest: JSON.parse(row.manifest) as AdapterManifest,
  jobId: row.job_id,
  createdAt: row.created_at,
})

/** Names and versions in D1. */
export const d1AdapterNames = (db: D1Database, now: () => number): AdapterNames => ({
  async publish({ name, digest, bytes, manifest, jobId }) {
    // One statement reads the last number and takes the next: SQLite runs it alone, so two publishes cannot get the same one.
    const row = await db
      .prepare(
        `INSERT INTO adapter_versions (name, version, digest, bytes, manifest, job_id, created_at)
         SELECT ?1, COALESCE(MAX(version), 0) + 1, ?2, ?3, ?4, ?5, ?6 FROM adapter_versions WHERE name = ?1
         ON CONFLICT (job_id) DO UPDATE SET job_id = excluded.job_id
         RETURNING ${columns}`,
      )
      .bind(name, digest, bytes, JSON.stringify(manifest), jobId ?? null, now())
      .first<Row>()
    return fromRow(row!)
  },

  async find(name, version) {
    const wanted = version === undefined ? '' : ' AND version = ?2'
    const statement = db.prepare(`SELECT ${columns} FROM adapter_versions WHERE name = ?1${wanted} AND deleted_at IS NULL ORDER BY version DESC LIMIT 1`)
    const row = await (version === undefined ? statement.bind(name) : statement.bind(name, version)).first<Row>()
    return row ? fromRow(row) : undefined
  },

  async findByDigest(digest, name) {
    const row = await db
      .prepare(
        `SELECT ${columns} FROM adapter_versions
         WHERE digest = ?1 AND (?2 IS NULL OR name = ?2) AND deleted_at IS NULL ORDER BY created_at, version LIMIT 1`,
      )
      .bind(digest, name ?? null)
      .first<Row>()
    return row ? fromRow(row) : undefined
  },

  async findByJob(jobId) {
    const row = await db.prepare(`SELECT ${columns} FROM adapter_versions WHERE job_id = ?`).bind(jobId).first<Row>()
    return row ? fromRow(row) : undefined
  },

  async versions(name) {
    const { results } = await db
      .prepare(`SELECT ${columns} FROM adapter_versions WHERE name = ? AND deleted_at IS NULL ORDER BY version DESC`)
      .bind(name)
      .all<Row>()
    return results.map(fromRow)
  },

  async list() {
    const { results } = await db.prepare(`SELECT ${columns} FROM adapter_versions WHERE deleted_at IS NULL ORDER BY name, version DESC`).all<Row>()
    return results.map(fromRow)
  },

  async names() {
    const { results } = await db.prepare('SELECT DISTINCT name FROM adapter_versions WHERE deleted_at IS NULL').all<{ name: string }>()
    return results.map((row) => row.name)
  },

  async remove(name, version) {
    const wanted = version === undefined ? '' : ' AND version = ?3'
    const statement = db.prepare(`UPDATE adapter_versions SET deleted_at = ?2 WHERE name = ?1${wanted} AND deleted_at IS NULL RETURNING ${columns}`)
    const { results } = await (version === undefined ? statement.bind(name, now()) : statement.bind(name, now(), version)).all<Row>()
    return results.map(fromRow)
  },
})
