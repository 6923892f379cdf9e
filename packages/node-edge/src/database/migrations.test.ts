import { DatabaseSync } from 'node:sqlite'
import { expect, test } from 'vitest'
import { postgresMigrations, sqliteMigrations } from './migrations.ts'

type Columns = Record<string, string[]>

/** Each table's columns, as SQLite has them once all of its migrations are applied. */
function columnsOfSqlite(): Columns {
  const database = new DatabaseSync(':memory:')
  for (const { sql } of sqliteMigrations()) database.exec(sql)
  const tables = database.prepare("SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%'").all() as { name: string }[]
  const columnsOf = database.prepare('SELECT name FROM pragma_table_info(?)')
  return Object.fromEntries(tables.map(({ name }) => [name, (columnsOf.all(name) as { name: string }[]).map(({ name }) => name).sort()]))
}

/** The same as PostgreSQL's migrations write it; there is no server to ask. */
function columnsOfPostgres(): Columns {
  const found: Columns = {}
  for (const { sql } of postgresMigrations()) {
    for (const [, table, body] of sql.matchAll(/CREATE TABLE (\w+) \(\n([\s\S]*?)\n\);/g))
      found[table!] = [...body!.matchAll(/^ {2}([a-z]\w*) /gm)].map(([, name]) => name!)
    for (const [, table, name] of sql.matchAll(/ALTER TABLE (\w+) ADD COLUMN (\w+)/g)) found[table!]!.push(name!)
  }
  return Object.fromEntries(Object.entries(found).map(([table, columns]) => [table, columns.sort()]))
}

test('PostgreSQL has the tables and columns of SQLite: a migration of the edge has its like there', () => {
  expect(columnsOfPostgres()).toEqual(columnsOfSqlite())
})

test('the audit log only grows: SQLite refuses every statement that would lose a row', () => {
  const database = new DatabaseSync(':memory:')
  for (const { sql } of sqliteMigrations()) database.exec(sql)
  const insert = (verb: string, seq: number) =>
    database.exec(`${verb} INTO audit (tenant, seq, principal, action, object, created_at) VALUES ('one', ${seq}, '${verb}', 'route.put', 'r v1', 1)`)
  insert('INSERT', 1)
  insert('INSERT', 2)
  insert('INSERT OR REPLACE', 3)
  for (const lost of [() => insert('INSERT OR REPLACE', 1), () => insert('REPLACE', 2), () => insert('INSERT', 1)]) expect(lost).toThrow(/append-only/)
  for (const statement of ["UPDATE audit SET action = 'x'", 'UPDATE OR REPLACE audit SET seq = 1', 'DELETE FROM audit'])
    expect(() => database.exec(statement)).toThrow(/append-only/)
  expect(database.prepare('SELECT seq, principal FROM audit').all()).toEqual([
    { seq: 1, principal: 'INSERT' },
    { seq: 2, principal: 'INSERT' },
    { seq: 3, principal: 'INSERT OR REPLACE' },
  ])
})

test('a rollback of before there were withdrawn versions withdraws what it was made from, and no candidate that came later', () => {
  const database = new DatabaseSync(':memory:')
  const migrations = sqliteMigrations()
  const marked = migrations.findIndex(({ name }) => name.startsWith('0012'))
  for (const { sql } of migrations.slice(0, marked)) database.exec(sql)
  const insert = database.prepare(
    "INSERT INTO adapter_versions (tenant, name, version, digest, bytes, manifest, created_at, candidate) VALUES ('one', 'a', ?, 'd', 1, '{}', ?, ?)",
  )
  const versions = [
    { version: 1, createdAt: 10, candidate: 0 },
    { version: 2, createdAt: 20, candidate: 0 },
    { version: 3, createdAt: 25, candidate: 1 },
    { version: 4, createdAt: 40, candidate: 1 },
  ]
  for (const { version, createdAt, candidate } of versions) insert.run(version, createdAt, candidate)
  database.exec("INSERT INTO adapter_aliases (tenant, name, alias, version, etag, updated_at) VALUES ('one', 'a', 'latest', 1, 'e', 30)")
  for (const { sql } of migrations.slice(marked)) database.exec(sql)
  expect(database.prepare('SELECT version FROM adapter_versions WHERE withdrawn = 1 ORDER BY version').all()).toEqual([{ version: 2 }, { version: 3 }])
})

test('PostgreSQL asks a trigger before each such statement', () => {
  const sql = postgresMigrations()
    .map((migration) => migration.sql)
    .join('\n')
  for (const before of ['BEFORE UPDATE OR DELETE ON audit FOR EACH ROW', 'BEFORE TRUNCATE ON audit FOR EACH STATEMENT'])
    expect(sql).toContain(`${before} EXECUTE FUNCTION audit_is_append_only()`)
})
