import { aliasInUse } from '../../adapters/errors.ts'
import { adapterInUse } from '../../errors.ts'
import { type AdapterNames, type AdapterVersion, publicationPrefix } from '../adapter-names.ts'
import { written } from '../written.ts'
import { type AdapterRow, adapterColumns, fromAdapterRow, latestOf } from './sql-adapter-rows.ts'
import { isUnfinishedBatch } from './sql-batches.ts'
import type { SqlDatabase } from './sql-database.ts'
import { isUnfinished } from './sql-jobs.ts'

/** Unfinished jobs of the tenant `?3` that need version `?2` of `?1`, or any version where it is null: its file, or its probes, which go with it. */
const users = `FROM jobs, (SELECT '$.spec.required' AS list UNION ALL SELECT '$.spec.silentOn' AS list) AS lists, json_each(jobs.job, lists.list) AS needed
  WHERE ${isUnfinished} AND tenant = ?3
  AND CASE WHEN ?2 IS NULL THEN substr(needed.value ->> 'ref', 1, length(?1) + 1) = ?1 || '@' ELSE needed.value ->> 'ref' = ?1 || '@' || CAST(?2 AS INTEGER) END`

/** Aliases that stand for version `?2` of `?1`; where it is null, none matters, since they go with the name. */
const aliases = `FROM adapter_aliases WHERE tenant = ?3 AND name = ?1 AND version = ?2 AND alias <> 'latest'`

/** Versions of routes whose text has version `?2` of `?1`, or its file, in it; one more than there are does no harm. */
const naming = `FROM routes JOIN route_versions AS said USING (tenant, name)
  WHERE routes.tenant = ?3 AND (instr(said.route, ?1 || '@' || CAST(?2 AS INTEGER)) > 0 OR instr(said.route, ?1 || '@' || digest) > 0)`

/** Unfinished batches that ask for version `?2` of `?1`, or of which nobody knows yet what they ask. */
const asking = `FROM batches WHERE batches.tenant = ?3 AND batches.${isUnfinishedBatch}
  AND (json_array_length(record, '$.models') = 0 OR instr(record, ?1 || '@' || CAST(?2 AS INTEGER)) > 0 OR instr(record, ?1 || '@' || digest) > 0)`

/** What references `[{ name, version?, alias?, digest? }]` stand for, by their places in the list. */
const byReferences = `
  SELECT asked.key AS place, ${adapterColumns('held')}
  FROM json_each(?1) AS asked
  JOIN adapter_versions AS held ON held.tenant = ?2 AND held.name = asked.value ->> 'name' AND held.deleted_at IS NULL AND held.version =
    CASE WHEN asked.value ->> 'digest' IS NOT NULL THEN (
      SELECT version FROM adapter_versions
      WHERE tenant = ?2 AND digest = asked.value ->> 'digest' AND name = asked.value ->> 'name' AND deleted_at IS NULL ORDER BY created_at, version LIMIT 1
    ) WHEN asked.value ->> 'version' IS NOT NULL THEN CAST(asked.value ->> 'version' AS INTEGER) WHEN COALESCE(asked.value ->> 'alias', 'latest') <> 'latest' THEN (
      SELECT version FROM adapter_aliases WHERE tenant = ?2 AND name = asked.value ->> 'name' AND alias = asked.value ->> 'alias'
    ) ELSE ${latestOf('?2', "asked.value ->> 'name'")} END`

/** What becomes of a version that is taken out of use. Who asks for its upload again, with its name, means one that is there. */
const gone = `deleted_at = ?4, job_id = CASE WHEN job_id LIKE '${publicationPrefix}-%' THEN NULL ELSE job_id END`

/** Versions that are collected in one transaction, which others wait for. */
const collectedAtOnce = 20

/** A tenant's names and versions in a database. */
export const sqlAdapterNames = (db: SqlDatabase, tenant: string, now: () => number): AdapterNames => ({
  async publish({ name, digest, bytes, manifest, jobId, publication, signature, candidate = false }) {
    const once = jobId ?? publication ?? null
    // One statement reads the last number and takes the next: SQLite runs it alone, so two publishes cannot get the same one.
    const insert = db
      .prepare(
        `INSERT INTO adapter_versions (tenant, name, version, digest, bytes, manifest, job_id, created_at, signature, candidate)
         SELECT ?7, ?1, COALESCE(MAX(version), 0) + 1, ?2, ?3, ?4, ?5, ?6, ?8, ?9 FROM adapter_versions WHERE tenant = ?7 AND name = ?1
         ON CONFLICT (job_id) DO UPDATE SET job_id = excluded.job_id
         RETURNING ${adapterColumns()}`,
      )
      .bind(name, digest, bytes, JSON.stringify(manifest), once, now(), tenant, signature ? JSON.stringify(signature) : null, candidate ? 1 : 0)
    // What is new is what the bare name means, also after a rollback; a job's last step, repeated, is nothing new.
    const forward = db
      .prepare(
        `DELETE FROM adapter_aliases WHERE tenant = ?3 AND name = ?1 AND alias = 'latest' AND ?4 = 0 AND NOT EXISTS (SELECT 1 FROM adapter_versions WHERE job_id = ?2)`,
      )
      .bind(name, once, tenant, candidate ? 1 : 0)
    const [, inserted] = await written(db.batch<AdapterRow>([forward, insert]))
    return fromAdapterRow(inserted!.results[0]!)
  },

  async find(name, version) {
    const wanted = version === undefined ? latestOf('?2', '?1') : '?3'
    const statement = db.prepare(
      `SELECT ${adapterColumns()} FROM adapter_versions WHERE tenant = ?2 AND name = ?1 AND version = ${wanted} AND deleted_at IS NULL`,
    )
    const row = await (version === undefined ? statement.bind(name, tenant) : statement.bind(name, tenant, version)).first<AdapterRow>()
    return row ? fromAdapterRow(row) : undefined
  },

  async findAll(references) {
    const found = new Array<AdapterVersion | undefined>(references.length)
    const { results } = await db.prepare(byReferences).bind(JSON.stringify(references), tenant).all<AdapterRow & { place: number }>()
    for (const row of results) found[row.place] = fromAdapterRow(row)
    return found
  },

  async findByDigest(digest, name) {
    const row = await db
      .prepare(
        `SELECT ${adapterColumns()} FROM adapter_versions
         WHERE tenant = ?3 AND digest = ?1 AND (?2 IS NULL OR name = ?2) AND deleted_at IS NULL ORDER BY created_at, version LIMIT 1`,
      )
      .bind(digest, name ?? null, tenant)
      .first<AdapterRow>()
    return row ? fromAdapterRow(row) : undefined
  },

  async named(digests) {
    const { results } = await db
      .prepare('SELECT DISTINCT digest FROM adapter_versions WHERE tenant = ?1 AND digest IN (SELECT value FROM json_each(?2)) AND deleted_at IS NULL')
      .bind(tenant, JSON.stringify(digests))
      .all<{ digest: string }>()
    return new Set(results.map(({ digest }) => digest))
  },

  async findByJob(jobId) {
    const row = await db.prepare(`SELECT ${adapterColumns()} FROM adapter_versions WHERE tenant = ?2 AND job_id = ?1`).bind(jobId, tenant).first<AdapterRow>()
    return row ? fromAdapterRow(row) : undefined
  },

  async versions(name) {
    const { results } = await db
      .prepare(`SELECT ${adapterColumns()} FROM adapter_versions WHERE tenant = ? AND name = ? AND deleted_at IS NULL ORDER BY version DESC`)
      .bind(tenant, name)
      .all<AdapterRow>()
    return results.map(fromAdapterRow)
  },

  async list() {
    const { results } = await db
      .prepare(`SELECT ${adapterColumns()} FROM adapter_versions WHERE tenant = ? AND deleted_at IS NULL ORDER BY name, version DESC`)
      .bind(tenant)
      .all<AdapterRow>()
    return results.map(fromAdapterRow)
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
    // One statement, so that no job or alias comes to use the adapter between the question and the deletion.
    const update = db
      .prepare(
        `UPDATE adapter_versions SET ${gone} WHERE tenant = ?3 AND name = ?1 AND (?2 IS NULL OR version = ?2) AND deleted_at IS NULL
         AND NOT EXISTS (SELECT 1 ${users}) AND NOT EXISTS (SELECT 1 ${aliases}) RETURNING ${adapterColumns()}`,
      )
      .bind(name, version, tenant, now())
    // The name begins anew, should it ever be published again.
    const forget = db
      .prepare(
        `DELETE FROM adapter_aliases WHERE tenant = ?2 AND name = ?1
         AND NOT EXISTS (SELECT 1 FROM adapter_versions WHERE tenant = ?2 AND name = ?1 AND deleted_at IS NULL)`,
      )
      .bind(name, tenant)
    const [updated] = await written(db.batch<AdapterRow>([update, forget]))
    const { results } = updated!
    if (results.length === 0) await refuseUsed(db, tenant, name, version)
    return results.map(fromAdapterRow)
  },

  async settle(name, version, gate) {
    const passed = gate.status === 'passed' ? 1 : 0
    // As with any publication; but who rolled back after it was stored did not mean to go forward.
    const forward = db
      .prepare(
        `DELETE FROM adapter_aliases WHERE tenant = ?1 AND name = ?2 AND alias = 'latest' AND ?4 = 1
         AND updated_at <= (SELECT created_at FROM adapter_versions WHERE tenant = ?1 AND name = ?2 AND version = ?3 AND candidate = 1)`,
      )
      .bind(tenant, name, version, passed)
    const update = db
      .prepare(
        `UPDATE adapter_versions SET candidate = 1 - ?4, gate = ?5
         WHERE tenant = ?1 AND name = ?2 AND version = ?3 AND candidate = 1 AND deleted_at IS NULL RETURNING ${adapterColumns()}`,
      )
      .bind(tenant, name, version, passed, JSON.stringify(gate))
    const [, updated] = await written(db.batch<AdapterRow>([forward, update]))
    const [row] = updated!.results
    return row && fromAdapterRow(row)
  },

  async collect(versions) {
    // One statement again: what comes to be used before it stays, and what comes later finds nothing to use.
    const update = db.prepare(
      `UPDATE adapter_versions SET ${gone} WHERE tenant = ?3 AND name = ?1 AND version = ?2 AND deleted_at IS NULL
         AND version IS DISTINCT FROM ${latestOf('?3', '?1')} AND NOT EXISTS (SELECT 1 ${users}) AND NOT EXISTS (SELECT 1 ${aliases})
         AND NOT EXISTS (SELECT 1 ${naming}) AND NOT EXISTS (SELECT 1 ${asking}) RETURNING ${adapterColumns()}`,
    )

    const taken: AdapterVersion[] = []
    for (let at = 0; at < versions.length; at += collectedAtOnce) {
      const some = versions.slice(at, at + collectedAtOnce).map(({ name, version }) => update.bind(name, version, tenant, now()))
      for (const { results } of await written(db.batch<AdapterRow>(some))) taken.push(...results.map(fromAdapterRow))
    }
    return taken
  },
})

/** Who keeps a version from being deleted. Error 409 `adapter_in_use`. */
async function refuseUsed(db: SqlDatabase, tenant: string, name: string, version: number | null): Promise<void> {
  const id = version === null ? name : `${name}@${version}`
  const { results: jobs } = await db.prepare(`SELECT DISTINCT jobs.id ${users}`).bind(name, version, tenant).all<{ id: string }>()
  if (jobs.length)
    throw adapterInUse(
      id,
      jobs.map((job) => job.id),
    )
  const { results: named } = await db.prepare(`SELECT alias ${aliases} ORDER BY alias`).bind(name, version, tenant).all<{ alias: string }>()
  if (named.length)
    throw aliasInUse(
      id,
      named.map(({ alias }) => `${name}@${alias}`),
    )
}
