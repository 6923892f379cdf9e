import { createHash } from 'node:crypto'
import { existsSync, globSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { migrationsFailed } from '../errors.ts'
import { migrations } from '../launcher/project.ts'
import { loadWrangler } from './load-wrangler.ts'

/**
 * Brings the local database up to date, and notes which migrations it has where wrangler does. Does nothing when they are those that were
 * applied last and the database is there.
 * @throws CliError `migrations_failed`
 */
export const migrate = async (state: string, deployment: string): Promise<void> => {
  const files = readdirSync(migrations)
    .filter((name) => name.endsWith('.sql'))
    .sort()
    .map((name) => ({ name, sql: readFileSync(join(migrations, name), 'utf8') }))
  const hash = createHash('sha256')
  for (const { name, sql } of files) hash.update(name).update(sql)
  const digest = hash.digest('hex')
  const applied = join(state, 'edge', 'migrations.sha256')
  const there = globSync('edge/v3/d1/*/*.sqlite', { cwd: state }).some((file) => !file.endsWith('metadata.sqlite'))
  if (there && existsSync(applied) && readFileSync(applied, 'utf8') === digest) return
  try {
    await applyAll(files, state, deployment)
  } catch (error) {
    throw migrationsFailed((error as Error).message)
  }
  writeFileSync(applied, digest, { mode: 0o600 })
}

/** `wrangler d1 migrations apply` does this too, in five times the processor time: it is a start's longest part. */
const applyAll = async (files: readonly { name: string; sql: string }[], state: string, deployment: string): Promise<void> => {
  const { Miniflare } = await import('miniflare')
  const { unstable_splitSqlQuery: statementsOf } = await loadWrangler()
  const { databaseOptions } = await import('./miniflare-options.ts')
  const miniflare = new Miniflare(databaseOptions(state, deployment))
  try {
    const database = await miniflare.getD1Database('DB')
    // The table and its columns are wrangler's.
    await database
      .prepare(
        'CREATE TABLE IF NOT EXISTS d1_migrations(id INTEGER PRIMARY KEY AUTOINCREMENT, name TEXT UNIQUE, applied_at TIMESTAMP DEFAULT CURRENT_TIMESTAMP NOT NULL)',
      )
      .run()
    const { results } = await database.prepare('SELECT name FROM d1_migrations').all<{ name: string }>()
    const done = new Set(results.map(({ name }) => name))
    for (const { name, sql } of files.filter(({ name }) => !done.has(name))) {
      const noted = database.prepare('INSERT INTO d1_migrations (name) VALUES (?)').bind(name)
      // One transaction: a start that is killed leaves a migration whole or not begun.
      await database.batch([...statementsOf(sql).map((statement) => database.prepare(statement)), noted])
    }
  } finally {
    await miniflare.dispose()
  }
}
