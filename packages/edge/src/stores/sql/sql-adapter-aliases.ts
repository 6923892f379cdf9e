import { errors, latest } from '@weft/adapters'
import { aliasMoved, candidateNotLatest } from '../../adapters/errors.ts'
import type { AdapterAlias, AdapterAliases, ExpectedAlias } from '../adapter-aliases.ts'
import { written } from '../written.ts'
import { latestOf } from './sql-adapter-rows.ts'
import type { SqlDatabase } from './sql-database.ts'

interface Row {
  name: string
  alias: string
  version: number
  digest: string
  etag: string
  updated_at: number
}

/** Every alias of the tenant `?1`, or those of its name `?2`; `latest` among them, whether the name was rolled back or not. */
const all = `
  SELECT moved.name, moved.alias, moved.version, held.digest, moved.etag, moved.updated_at FROM adapter_aliases AS moved
  JOIN adapter_versions AS held ON held.tenant = moved.tenant AND held.name = moved.name AND held.version = moved.version
  WHERE moved.tenant = ?1 AND moved.alias <> 'latest' AND (?2 IS NULL OR moved.name = ?2)
  UNION ALL
  SELECT held.name, 'latest', held.version, held.digest, COALESCE(back.etag, 'v' || held.version), COALESCE(back.updated_at, held.created_at)
  FROM adapter_versions AS held LEFT JOIN adapter_aliases AS back ON back.tenant = held.tenant AND back.name = held.name AND back.alias = 'latest'
  WHERE held.tenant = ?1 AND (?2 IS NULL OR held.name = ?2) AND held.deleted_at IS NULL AND held.version = ${latestOf('held.tenant', 'held.name')}`

const fromRow = ({ updated_at: updatedAt, ...row }: Row): AdapterAlias => ({ ...row, updatedAt })

/** Whether the alias `?3` of `?2` is as `?4` (`{ version?, etag? }`, or null) expects it. */
const asExpected = `(?4 IS NULL OR EXISTS (
  SELECT 1 FROM (SELECT 1 AS one) AS one LEFT JOIN (SELECT version, etag FROM (${all}) AS aliases WHERE alias = ?3) AS held ON 1 = 1
  WHERE CASE WHEN ?4 ->> 'etag' IS NOT NULL THEN etag IS NOT DISTINCT FROM ?4 ->> 'etag'
  ELSE version IS NOT DISTINCT FROM CAST(?4 ->> 'version' AS INTEGER) END
))`

const expectation = (expected: ExpectedAlias | undefined): string | null => (expected ? JSON.stringify({ version: null, ...expected }) : null)

/** A tenant's aliases in a database. */
export const sqlAdapterAliases = (db: SqlDatabase, tenant: string, now: () => number): AdapterAliases => {
  const find = (name: string, alias: string) => db.prepare(`SELECT * FROM (${all}) AS aliases WHERE alias = ?3`).bind(tenant, name, alias)

  const get = async (name: string, alias: string): Promise<AdapterAlias | undefined> => {
    const row = await find(name, alias).first<Row>()
    return row ? fromRow(row) : undefined
  }

  return {
    get,
    async list(name) {
      const { results } = await db
        .prepare(`SELECT * FROM (${all}) AS aliases ORDER BY name, alias <> 'latest', alias`)
        .bind(tenant, name ?? null)
        .all<Row>()
      return results.map(fromRow)
    },
    async set({ name, alias, version, expected }) {
      const etag = crypto.randomUUID()
      // The question and the move are one statement: of two moves that expect the same, the second finds it changed.
      const move = db
        .prepare(
          `INSERT INTO adapter_aliases (tenant, name, alias, version, etag, updated_at)
           SELECT ?1, ?2, ?3, ?5, ?6, ?7 FROM adapter_versions
           WHERE tenant = ?1 AND name = ?2 AND version = ?5 AND deleted_at IS NULL AND (?3 <> 'latest' OR candidate = 0) AND ${asExpected}
           ON CONFLICT (tenant, name, alias) DO UPDATE SET version = excluded.version, etag = excluded.etag, updated_at = excluded.updated_at
           RETURNING version`,
        )
        .bind(tenant, name, alias, expectation(expected), version, etag, now())
      // What the bare name is taken from stays withdrawn, candidates with it; nothing changes where the move did not take place.
      const withdraw = db
        .prepare(
          `UPDATE adapter_versions SET withdrawn = CASE WHEN version > ?3 THEN 1 ELSE 0 END WHERE tenant = ?1 AND name = ?2 AND version >= ?3
           AND EXISTS (SELECT 1 FROM adapter_aliases WHERE tenant = ?1 AND name = ?2 AND alias = 'latest' AND etag = ?4)`,
        )
        .bind(tenant, name, version, etag)
      const [before, moved, , after] = await written(db.batch<Row>([find(name, alias), move, withdraw, find(name, alias)]))
      const previous = before!.results[0]?.version ?? null
      if (moved!.results.length > 0) return { alias: fromRow(after!.results[0]!), previous }
      const target = await db
        .prepare('SELECT candidate FROM adapter_versions WHERE tenant = ? AND name = ? AND version = ? AND deleted_at IS NULL')
        .bind(tenant, name, version)
        .first<{ candidate: number }>()
      if (!target) throw errors.notFound('adapter_version', `${name}@${version}`, [], 'version')
      if (alias === latest && target.candidate === 1) throw candidateNotLatest(`${name}@${version}`)
      throw aliasMoved(`${name}@${alias}`, previous)
    },
    async delete(name, alias, expected) {
      const remove = db
        .prepare(`DELETE FROM adapter_aliases WHERE tenant = ?1 AND name = ?2 AND alias = ?3 AND ${asExpected} RETURNING version`)
        .bind(tenant, name, alias, expectation(expected))
      const [before, removed] = await written(db.batch<Row>([find(name, alias), remove]))
      const [held] = before!.results
      if (!held) return undefined
      if (removed!.results.length === 0) throw aliasMoved(`${name}@${alias}`, held.version)
      return fromRow(held)
    },
  }
}
