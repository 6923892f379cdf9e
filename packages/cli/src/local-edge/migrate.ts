import { createHash } from 'node:crypto'
import { existsSync, globSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { migrationsFailed } from '../errors.ts'
import { migrations, wrangler } from '../launcher/project.ts'
import { cached, nameOf } from './cache/cached.ts'
import { type FolderFiles, readFolder, writeFolder } from './cache/folder-files.ts'
import { cacheOfUser, type StartCache } from './cache/start-cache.ts'
import { wranglerInUse } from './cache/wrangler-in-use.ts'
import { loadWrangler } from './load-wrangler.ts'
import { readWorkerOptions } from './read-worker-options.ts'

interface Migration {
  name: string
  sql: string
}

/**
 * Brings the local database up to date, and notes which migrations it has where wrangler does. Does nothing when they are those that were
 * applied last and the database is there.
 * @throws CliError `migrations_failed`
 */
export const migrate = async (state: string, deployment: string, cache: StartCache = cacheOfUser()): Promise<void> => {
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
    await makeOrApply(files, state, deployment, cache)
  } catch (error) {
    throw migrationsFailed((error as Error).message)
  }
  writeFileSync(applied, digest, { mode: 0o600 })
}

/**
 * A state folder without a database gets the files of one that was made in another, as workerd had left them: to make it anew takes a third of a start's
 * processor time. One that is there gets the migrations that it lacks.
 */
const makeOrApply = async (files: readonly Migration[], state: string, deployment: string, cache: StartCache): Promise<void> => {
  const databases = join(state, 'edge', 'v3', 'd1')
  const name = existsSync(databases) ? undefined : nameOfDatabase(files, deployment)
  const text = name && cache.read(name)
  // Not among the databases, which the next start looks through.
  if (text) return writeFolder(databases, JSON.parse(text) as FolderFiles, join(state, 'edge', 'unfinished-databases'))
  await applyAll(files, state, deployment, cache)
  // What several processes know of an open database (-shm) they find out again.
  if (name) cache.write(name, JSON.stringify(readFolder(databases, (file) => /\.sqlite(-wal)?$/.test(file))))
}

const nameOfDatabase = (files: readonly Migration[], deployment: string): string | undefined => {
  const using = wranglerInUse(import.meta.filename)
  const { resolve } = createRequire(wrangler)
  const { d1Databases } = readWorkerOptions(deployment)
  return using && nameOf('database', [using, files, d1Databases, ...['miniflare', 'workerd'].map((name) => versionOf(resolve(name)))])
}

/** Of a module's package. */
const versionOf = (module: string): string => {
  const manifest = join(dirname(module), 'package.json')
  if (existsSync(manifest)) return readFileSync(manifest, 'utf8')
  return versionOf(dirname(module))
}

/** `wrangler d1 migrations apply` does this too, in five times the processor time: it is a start's longest part. */
const applyAll = async (files: readonly Migration[], state: string, deployment: string, cache: StartCache): Promise<void> => {
  const statements = await statementsOf(files, cache)
  const { Miniflare } = await import('miniflare')
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
    for (const [at, { name }] of files.entries()) {
      if (done.has(name)) continue
      const noted = database.prepare('INSERT INTO d1_migrations (name) VALUES (?)').bind(name)
      // One transaction: a start that is killed leaves a migration whole or not begun.
      await database.batch([...statements[at]!.map((statement) => database.prepare(statement)), noted])
    }
  } finally {
    await miniflare.dispose()
  }
}

/** Of each migration its statements, as wrangler tells them apart. */
const statementsOf = (files: readonly Migration[], cache: StartCache): Promise<string[][]> => {
  const using = wranglerInUse(import.meta.filename)
  return cached(cache, 'statements', using && [using, files], async () => {
    const { unstable_splitSqlQuery: split } = await loadWrangler()
    return files.map(({ sql }) => split(sql))
  })
}
