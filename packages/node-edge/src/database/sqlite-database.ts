import { closeSync, openSync, realpathSync, rmSync, statSync } from 'node:fs'
import { basename, dirname, join } from 'node:path'
import { DatabaseSync, type SQLInputValue, type StatementSync } from 'node:sqlite'
import { checkSqlite, type SqlResult, type SqlStatement } from '@weft/edge/host'
import { isWeftError } from '@weft/protocol'
import { databaseForeign, databaseInUse, databaseNoFile, databaseNotUnderstood, databaseOfD1, migrationFailed, sqliteUnusable } from '../errors.ts'
import { makeFolder } from '../make-folder.ts'
import { pathOf } from '../scheme.ts'
import { missingMigrations, sqliteMigrations } from './migrations.ts'
import type { DatabaseEvents, OwnDatabase } from './own-database.ts'
import { isBusy, onceFree } from './sqlite-once-free.ts'

/** Cloudflare's own note of what it applied to D1, or to its simulator, which `npm start` runs on. */
const d1Table = 'd1_migrations'

/** Opens a file, which is its owner's alone where it is made here, as is what SQLite puts beside it: that has the mode of the file. */
function openPrivate(file: string): DatabaseSync {
  try {
    closeSync(openSync(file, 'wx', 0o600))
  } catch {
    // It is there, or cannot be made, of which SQLite says more.
  }
  return new DatabaseSync(file)
}

/** A file that another process has for itself holds this lock, which the system takes back when that process ends, however it ends. */
function lock(file: string): DatabaseSync {
  const held = openPrivate(`${file}-lock`)
  try {
    held.exec('PRAGMA locking_mode = EXCLUSIVE; BEGIN EXCLUSIVE')
    return held
  } catch (error) {
    held.close()
    throw isBusy(error) ? databaseInUse(file) : error
  }
}

/** Where a file lies, whatever links lead to it: two names of one file are one database. Its folder is there. */
function lyingAt(file: string): string {
  const named = join(realpathSync(dirname(file)), basename(file))
  return statSync(named, { throwIfNoEntry: false }) ? realpathSync(named) : named
}

/** Where that fails, why the file cannot be used says it too. */
function removeIfItCan(file: string): void {
  try {
    rmSync(file, { force: true })
  } catch {}
}

/** Locks a file, opens it and brings it up to date; leaves nothing beside one that cannot be used. */
async function opened(asked: string, { onNew }: Pick<DatabaseEvents, 'onNew'>): Promise<{ db: DatabaseSync; held: DatabaseSync }> {
  let file = asked
  let held: DatabaseSync | undefined
  let db: DatabaseSync | undefined
  let isNew = false
  try {
    makeFolder(dirname(file), { mode: 0o700 })
    file = lyingAt(file)
    held = lock(file)
    isNew = !statSync(file, { throwIfNoEntry: false })
    db = openPrivate(file)
    // FULL: what is acknowledged is on the disk, also when the machine goes.
    db.exec('PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA busy_timeout = 5000')
    await migrate(db, file, onNew)
    // SQLite would wait with all of the process.
    db.exec('PRAGMA busy_timeout = 0')
    return { db, held }
  } catch (error) {
    db?.close()
    if (held) {
      if (isNew) removeIfItCan(file)
      held.close()
      removeIfItCan(`${file}-lock`)
    }
    throw isWeftError(error) ? error : sqliteUnusable(file, error)
  }
}

/** Opens a file, which is made where it is not there. Errors: 400 `invalid_database`; `database_unreachable`, `database_in_use`. */
export async function openSqlite(database: string, events: Pick<DatabaseEvents, 'onNew'> = {}): Promise<OwnDatabase> {
  const asked = pathOf(database)
  if (asked === undefined) throw databaseNotUnderstood(database)
  if (statSync(asked, { throwIfNoEntry: false })?.isDirectory()) throw databaseNoFile(asked, 'it is a folder')
  if (statSync(dirname(asked), { throwIfNoEntry: false })?.isFile()) throw databaseNoFile(asked, 'the folder that it would be in is a file')
  const { db, held } = await opened(asked, events)

  const prepared = new Map<string, StatementSync>()
  const prepare = (query: string): StatementSync => {
    let statement = prepared.get(query)
    if (!statement) prepared.set(query, (statement = db.prepare(query)))
    return statement
  }
  const execute = <T>({ query, values }: Bound): SqlResult<T> => {
    const statement = prepare(query)
    if (statement.columns().length === 0) return { results: [], meta: { changes: Number(statement.run(...values).changes) } }
    const results = statement.all(...values) as T[]
    return { results, meta: { changes: results.length } }
  }
  const one = async <T>(statement: Bound): Promise<SqlResult<T>> => onceFree(() => execute<T>(statement))
  const bound = (query: string, values: SQLInputValue[] = []): SqlStatement & Bound => ({
    query,
    values,
    bind: (...given) => bound(query, given as SQLInputValue[]),
    async first(column?: string) {
      const [row] = (await one<Record<string, unknown>>({ query, values })).results
      return (row === undefined ? null : column === undefined ? row : row[column]) as never
    },
    all: () => one({ query, values }),
    run: () => one({ query, values }),
  })
  // Nothing comes between two statements: there is no waiting in here.
  const transaction = <T>(statements: readonly Bound[]): SqlResult<T>[] => {
    db.exec('BEGIN IMMEDIATE')
    try {
      const results = statements.map((statement) => execute<T>(statement))
      db.exec('COMMIT')
      return results
    } catch (error) {
      // A full disk has ended it already, and then a second end would hide why.
      if (db.isTransaction) db.exec('ROLLBACK')
      throw error
    }
  }
  const statements = {
    prepare: (query: string) => bound(query),
    batch: <T>(statements: SqlStatement[]): Promise<SqlResult<T>[]> => onceFree(() => transaction<T>(statements as (SqlStatement & Bound)[])),
  }
  return {
    ...statements,
    check: (what) => checkSqlite(statements, what),
    async close() {
      db.close()
      held.close()
    },
  }
}

interface Bound {
  query: string
  values: SQLInputValue[]
}

/** Each migration is one transaction: a start that is killed leaves it whole or not begun. */
async function migrate(db: DatabaseSync, file: string, onNew: DatabaseEvents['onNew']): Promise<void> {
  const tables = db.prepare("SELECT name FROM sqlite_master WHERE type = 'table'").all() as { name: string }[]
  const isOurs = tables.some(({ name }) => name === 'weft_migrations')
  if (tables.some(({ name }) => name === d1Table)) throw databaseOfD1(file)
  if (!isOurs && tables.length > 0) throw databaseForeign(file, tables[0]!.name)
  const applied = isOurs ? (db.prepare('SELECT name FROM weft_migrations').all() as { name: string }[]).map(({ name }) => name) : []
  const missing = missingMigrations(sqliteMigrations(), applied, file)
  if (applied.length === 0) await onNew?.()
  db.exec('CREATE TABLE IF NOT EXISTS weft_migrations (name TEXT PRIMARY KEY, applied_at INTEGER NOT NULL)')
  for (const { name, sql } of missing) {
    try {
      db.exec('BEGIN IMMEDIATE')
      db.exec(sql)
      db.prepare('INSERT INTO weft_migrations VALUES (?, unixepoch())').run(name)
      db.exec('COMMIT')
    } catch (error) {
      if (db.isTransaction) db.exec('ROLLBACK')
      throw migrationFailed(name, error)
    }
  }
}
