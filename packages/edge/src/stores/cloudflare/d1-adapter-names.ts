import type { AdapterManifest } from '@weft/adapters'
import { adapterInUse } from '../../errors.ts'
import type { AdapterNames, AdapterVersion } from '../adapter-names.ts'
import { isUnfinished } from './d1-jobs.ts'
import { written } from './written.ts'

interface Row {
  tenant: string
  name: string
  version: number
  digest: string
  bytes: number
  manifest: string
  job_id: string | null
  created_at: number
}

const columns = 'tenant, name, version, digest, bytes, manifest, job_id, created_at'

const fromRow = (row: Row): AdapterVersion => ({
  tenant: row.tenant,
  name: row.name,
  version: row.version,
  digest: row.digest,
  bytes: row.bytes,
  manifest: JSON.parse(row.manifest) as AdapterManifest,
  jobId: row.job_id,
  createdAt: row.created_at,
})

/** Unfinished jobs of the tenant `?3` that need version `?2` of `?1`, or any version where it is null. */
const users = `FROM jobs, json_each(jobs.job, '$.spec.required') AS needed WHERE ${isUnfinished} AND tenant = ?3
  AND CASE WHEN ?2 IS NULL THEN substr(needed.value ->> 'ref', 1, length(?1) + 1) = ?1 || '@' ELSE needed.value ->> 'ref' = ?1 || '@' || CAST(?2 AS INTEGER) END`

/** What references `[{ name, version?, digest? }]` stand for, by their places in the list. */
const byReferences = `
  SELECT asked.key AS place, held.tenant, held.name, held.version, held.digest, held.bytes, held.manifest, held.job_id, held.created_at
  FROM json_each(?1) AS asked
  JOIN adapter_versions AS held ON held.tenant = ?2 AND held.name = asked.value ->> 'name' AND held.deleted_at IS NULL AND held.version =
    CASE WHEN asked.value ->> 'digest' IS NOT NULL THEN (
      SELECT version FROM adapter_versions
      WHERE tenant = ?2 AND digest = asked.value ->> 'digest' AND name = asked.value ->> 'name' AND deleted_at IS NULL ORDER BY created_at, version LIMIT 1
    ) WHEN asked.value ->> 'version' IS NOT NULL THEN asked.value ->> 'version' ELSE (
      SELECT max(version) FROM adapter_versions WHERE tenant = ?2 AND name = asked.value ->> 'name' AND deleted_at IS NULL
    ) END`

/** A tenant's names and versions in D1. */
export const d1AdapterNames = (db: D1Database, tenant: string, now: () => number): AdapterNames => ({
  async publish({ name, digest, bytes, manifest, jobId }) {
    // One statement reads the last number and takes the next: SQLite runs it alone, so two publishes cannot get the same one.
    const insert = db
      .prepare(
        `INSERT INTO adapter_versions (tenant, name, version, digest, bytes, manifest, job_id, created_at)
         SELECT ?7, ?1, COALESCE(MAX(version), 0) + 1, ?2, ?3, ?4, ?5, ?6 FROM adapter_versions WHERE tenant = ?7 AND name = ?1
         ON CONFLICT (job_id) DO UPDATE SET job_id = excluded.job_id
         RETURNING ${columns}`,
      )
      .bind(name, digest, bytes, JSON.stringify(manifest), jobId ?? null, now(), tenant)
    return fromRow((await written(insert.first<Row>()))!)
  },

  async find(name, version) {
    const wanted = version === undefined ? '' : ' AND version = ?3'
    const statement = db.prepare(
      `SELECT ${columns} FROM adapter_versions WHERE tenant = ?2 AND name = ?1${wanted} AND deleted_at IS NULL ORDER BY version DESC LIMIT 1`,
    )
    const row = await (version === undefined ? statement.bind(name, tenant) : statement.bind(name, tenant, version)).first<Row>()
    return row ? fromRow(row) : undefined
  },

  async findAll(references) {
    const found = new Array<AdapterVersion | undefined>(references.length)
    const { results } = await db.prepare(byReferences).bind(JSON.stringify(references), tenant).all<Row & { place: number }>()
    for (const row of results) found[row.place] = fromRow(row)
    return found
  },

  async findByDigest(digest, name) {
    const row = await db
      .prepare(
        `SELECT ${columns} FROM adapter_versions
         WHERE tenant = ?3 AND digest = ?1 AND (?2 IS NULL OR name = ?2) AND deleted_at IS NULL ORDER BY created_at, version LIMIT 1`,
      )
      .bind(digest, name ?? null, tenant)
      .first<Row>()
    return row ? fromRow(row) : undefined
  },

  async findByJob(jobId) {
    const row = await db.prepare(`SELECT ${columns} FROM adapter_versions WHERE tenant = ?2 AND job_id = ?1`).bind(jobId, tenant).first<Row>()
    return row ? fromRow(row) : undefined
  },

  async versions(name) {
    const { results } = await db
      .prepare(`SELECT ${columns} FROM adapter_versions WHERE tenant = ? AND name = ? AND deleted_at IS NULL ORDER BY version DESC`)
      .bind(tenant, name)
      .all<Row>()
    return results.map(fromRow)
  },

  async list() {
    const { results } = await db
      .prepare(`SELECT ${columns} FROM adapter_versions WHERE tenant = ? AND deleted_at IS NULL ORDER BY name, version DESC`)
      .bind(tenant)
      .all<Row>()
    return results.map(fromRow)
  },

  async names() {
    const { results } = await db
      .prepare('SELECT DISTINCT name FROM adapter_versions WHERE tenant = ? AND deleted_at IS NULL')
      .bind(tenant)
      .all<{ name: string }>()
    return results.map((row) => row.name)
  },

  async remove(name, asked) {
    const version = asked ?? null
    // One statement, so that no job comes to use the adapter between the question and the deletion.
    const update = db
      .prepare(
        `UPDATE adapter_versions SET deleted_at = ?4 WHERE tenant = ?3 AND name = ?1 AND (?2 IS NULL OR version = ?2) AND deleted_at IS NULL
         AND NOT EXISTS (SELECT 1 ${users}) RETURNING ${columns}`,
      )
      .bind(name, version, tenant, now())
    const { results } = await written(update.all<Row>())
    if (results.length === 0) {
      const { results: jobs } = await db.prepare(`SELECT DISTINCT jobs.id ${users}`).bind(name, version, tenant).all<{ id: string }>()
      if (jobs.length)
        throw adapterInUse(
          version === null ? name : `${name}@${version}`,
          jobs.map(({ id }) => id),
        )
    }
    return results.map(fromRow)
  },
})
