import { databaseIncomplete, requireTables, type SqlResult, type SqlStatement } from '@weft/edge/host'
import pg from 'pg'
import { databaseForeign, databaseInUse, databaseUnreachable, databaseUrlNotUnderstood, migrationFailed } from '../errors.ts'
import { missingMigrations, postgresMigrations } from './migrations.ts'
import type { DatabaseEvents, OwnDatabase } from './own-database.ts'
import { PostgresConnections, usualPatience } from './postgres-connections.ts'
import { type PostgresStatement, postgresStatement } from './postgres-statement.ts'

/** Numbers of ours for locks of PostgreSQL's that belong to no table: one says that a process works with the database, one that it writes. */
const owner = 0x77656674
const writer = 0x77656675
/** How long a server that says nothing may hold up the end, which takes back the lock whether it hears of it or not. */
const longestCloseMs = 5000

/** Counts and times are below 2⁵³; as text, which is the client's way, they would be no numbers. */
const types: pg.CustomTypesConfig = {
  getTypeParser: ((id: number, format?: 'text') =>
    id === pg.types.builtins.INT8 ? Number : pg.types.getTypeParser(id, format)) as pg.CustomTypesConfig['getTypeParser'],
}

/** Whether a sign in the password has ended the host before its time: what stands before the "@" is then no part of it. */
const isMisread = ({ pathname, search, hash }: URL): boolean => hash !== '' || pathname.includes('@') || /^\?[^=]*@/.test(search)

const clientOf = (options: pg.ClientConfig & { connectionString: string }): pg.Client => {
  const url = URL.parse(options.connectionString)
  if (url && isMisread(url)) throw databaseUrlNotUnderstood(options.connectionString)
  try {
    return new pg.Client(options)
  } catch (error) {
    // It is no URL, or one that names a certificate which cannot be read.
    const isUrl = !(error instanceof URIError) && (error as { code?: string }).code !== 'ERR_INVALID_URL'
    throw isUrl ? databaseUnreachable(options.connectionString, error) : databaseUrlNotUnderstood(options.connectionString)
  }
}

/** Opens a database, in the first schema of its user's search path. */
export async function openPostgres(database: string, { onNew, onLost }: DatabaseEvents): Promise<OwnDatabase> {
  const options = { connectionString: database, types, connectionTimeoutMillis: usualPatience.connectMs, keepAlive: true, application_name: 'weft serve' }
  const held = clientOf(options)
  let closing = false
  try {
    await held.connect()
  } catch (error) {
    throw databaseUnreachable(database, error)
  }
  // The server ends the lock with this connection, however this process ends.
  held.on('error', (error) => closing || onLost(databaseUnreachable(database, error)))
  try {
    const { rows } = await held.query<{ alone: boolean }>('SELECT pg_try_advisory_lock($1) AS alone', [owner])
    if (!rows[0]!.alone) throw databaseInUse(database)
    await migrate(held, database, onNew)
  } catch (error) {
    closing = true
    await held.end()
    throw 'status' in (error as object) ? error : databaseUnreachable(database, error)
  }
  const connections = new PostgresConnections(options)

  /** In one transaction; those that write, one after another, as in SQLite: what a statement has read is then still so when it writes. */
  const execute = <T>(statements: readonly PostgresStatement[]): Promise<SqlResult<T>[]> =>
    connections.lend(async (ask) => {
      const [only] = statements
      if (statements.length === 1 && !only!.writes) return [resultOf<T>(await ask(only!))]
      await ask('BEGIN')
      if (statements.some(({ writes }) => writes)) await ask({ text: 'SELECT pg_advisory_xact_lock($1)', values: [writer] })
      const results: SqlResult<T>[] = []
      for (const statement of statements) results.push(resultOf<T>(await ask(statement)))
      await ask('COMMIT')
      return results
    })
  const bound = (query: string, values: readonly unknown[] = []): SqlStatement & Bound => {
    const one = async <T>(): Promise<SqlResult<T>> => (await execute<T>([postgresStatement(query, values)]))[0]!
    return {
      query,
      values,
      bind: (...given) => bound(query, given),
      async first(column?: string) {
        const [row] = (await one<Record<string, unknown>>()).results
        return (row === undefined ? null : column === undefined ? row : row[column]) as never
      },
      all: one,
      run: one,
    }
  }
  return {
    prepare: (query) => bound(query),
    batch: (statements) =>
      execute(statements.map((statement) => postgresStatement((statement as SqlStatement & Bound).query, (statement as SqlStatement & Bound).values))),
    check: () =>
      connections.lend(async (ask) => {
        const { rows } = await ask<{ name: string }>('SELECT name FROM weft_migrations')
        const missing = missingMigrations(
          postgresMigrations(),
          rows.map(({ name }) => name),
          database,
        )
        if (missing.length > 0) throw databaseIncomplete(missing.map(({ name }) => name))
        const tables = await ask<{ name: string }>('SELECT table_name AS name FROM information_schema.tables WHERE table_schema = current_schema()')
        requireTables(tables.rows)
      }),
    async close() {
      closing = true
      const late = Promise.withResolvers<void>()
      const timer = setTimeout(late.resolve, longestCloseMs)
      await Promise.race([connections.end().then(() => held.end()), late.promise])
      clearTimeout(timer)
    },
  }
}

interface Bound {
  query: string
  values: readonly unknown[]
}

const resultOf = <T>({ rows, rowCount }: pg.QueryResult): SqlResult<T> => ({ results: rows as T[], meta: { changes: rowCount ?? 0 } })

/** Each migration is one transaction: a start that is killed leaves it whole or not begun. */
async function migrate(client: pg.Client, database: string, onNew: DatabaseEvents['onNew']): Promise<void> {
  const tables = await client.query<{ name: string }>('SELECT tablename AS name FROM pg_tables WHERE schemaname = current_schema() ORDER BY 1')
  const isOurs = tables.rows.some(({ name }) => name === 'weft_migrations')
  if (!isOurs && tables.rows.length > 0) throw databaseForeign(database, tables.rows[0]!.name)
  const applied = isOurs ? (await client.query<{ name: string }>('SELECT name FROM weft_migrations')).rows.map(({ name }) => name) : []
  const missing = missingMigrations(postgresMigrations(), applied, database)
  if (applied.length === 0) await onNew?.()
  await client.query('CREATE TABLE IF NOT EXISTS weft_migrations (name TEXT PRIMARY KEY, applied_at BIGINT NOT NULL)')
  for (const { name, sql } of missing) {
    try {
      await client.query('BEGIN')
      await client.query(sql)
      await client.query('INSERT INTO weft_migrations VALUES ($1, extract(epoch from now())::bigint)', [name])
      await client.query('COMMIT')
    } catch (error) {
      await client.query('ROLLBACK')
      throw migrationFailed(name, error)
    }
  }
}
