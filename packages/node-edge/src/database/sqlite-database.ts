import { statSync } from 'node:fs'
import { dirname, resolve } from 'node:path'
import { DatabaseSync, type SQLInputValue, type StatementSync } from 'node:sqlite'
import { fileURLToPath } from 'node:url'
import { checkSqlite, type SqlResult, type SqlStatement } from '@weft/edge/host'
import { databaseForeign, databaseInUse, databaseNoFile, databaseNotUnderstood, migrationFailed, sqliteUnusable } from '../errors.ts'
import { makeFolder } from '../make-folder.ts'
import { missingMigrations, sqliteMigrations } from './migrations.ts'
import type { OwnDatabase } from './own-database.ts'

const isBusy = (error: unknown): boolean => /locked|busy/i.test((error as Error).message)

/** A file that another process has for itself holds this lock, which the system takes back when that process ends, however it ends. */
function lock(file: string): DatabaseSync {
  const held = new DatabaseSync(`${file}-lock`)
  try {
    held.exec('PRAGMA locking_mode = EXCLUSIVE; BEGIN EXCLUSIVE')
    return held
  } catch (error) {
    held.close()
    throw isBusy(error) ? databaseInUse(file) : error
  }
}

/** Of a path, or of a URL from the root: of another the file would lie elsewhere than it says. Error 400 `invalid_database`. */
function fileOf(database: string): string {
  if (!database.startsWith('file:')) return resolve(database)
  if (!database.startsWith('file:///') || /[?#]/.test(database)) throw databaseNotUnderstood(database)
  try {
    return fileURLToPath(database)
  } catch {
    throw databaseNotUnderstood(database)
  }
}

/** Opens a file, which is made where it is not there. Errors: 400 `invalid_database`; `database_unreachable`, `database_in_use`. */
export async function openSqlite(database: string): Promise<OwnDatabase> {
  const file = fileOf(database)
  if (statSync(file, { throwIfNoEntry: false })?.isDirectory()) throw databaseNoFile(file, 'it is a folder')
  if (statSync(dirname(file), { throwIfNoEntry: false })?.isFile()) throw databaseNoFile(file, 'the folder that it would be in is a file')
  let db: DatabaseSync
  let held: DatabaseSync
  try {
    makeFolder(dirname(file))
    held = lock(file)
    db = new DatabaseSync(file)
    // FULL: what is acknowledged is on the disk, also when the machine goes.
    db.exec('PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA busy_timeout = 5000')
  } catch (error) {
    throw (error as { code?: string }).code === 'database_in_use' ? error : sqliteUnusable(file, error)
  }
  migrate(db, file)

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
  const bound = (query: string, values: SQLInputValue[] = []): SqlStatement & Bound => ({
    query,
    values,
    bind: (...given) => bound(query, given as SQLInputValue[]),
    async first(column?: string) {
      const [row] = execute<Record<string, unknown>>({ query, values }).results
      return (row === undefined ? null : column === undefined ? row : row[column]) as never
    },
    all: async () => execute({ query, values }),
    run: async () => execute({ query, values }),
  })
  const opened = {
    prepare: (query: string) => bound(query),
    // Nothing comes between two statements: there is no waiting in here.
    async batch<T>(statements: SqlStatement[]): Promise<SqlResult<T>[]> {
      db.exec('BEGIN IMMEDIATE')
      try {
        const results = statements.map((statement) => execute<T>(statement as SqlStatement & Bound))
        db.exec('COMMIT')
        return results
      } catch (error) {
        // A full disk has ended it already, and then a second end would hide why.
        if (db.isTransaction) db.exec('ROLLBACK')
        throw error
      }
    },
  }
  return {
    ...opened,
    check: () => checkSqlite(opened),
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
function migrate(db: DatabaseSync, file: string): void {
  const tables = db.prepare("SELECT name FROM sqlite_master WHERE type = 'table'").all() as { name: string }[]
  if (!tables.some(({ name }) => name === 'weft_migrations') && tables.length > 0) throw databaseForeign(file, tables[0]!.name)
  db.exec('CREATE TABLE IF NOT EXISTS weft_migrations (name TEXT PRIMARY KEY, applied_at INTEGER NOT NULL)')
  const applied = (db.prepare('SELECT name FROM weft_migrations').all() as { name: string }[]).map(({ name }) => name)
  for (const { name, sql } of missingMigrations(sqliteMigrations(), applied, file)) {
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
