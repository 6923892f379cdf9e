import { readdirSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'
import { databaseFault } from '../src/stores/sql/database-fault.ts'
import { requireTables } from '../src/stores/sql/tables.ts'
import { written } from '../src/stores/written.ts'

test('a database is asked for every table that the migrations make', () => {
  const migrations = join(dirname(fileURLToPath(import.meta.url)), '../migrations')
  const database = new DatabaseSync(':memory:')
  for (const name of readdirSync(migrations).sort()) database.exec(readFileSync(join(migrations, name), 'utf8'))
  const made = database.prepare("SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%' ORDER BY name").all() as { name: string }[]
  const missing = made.map(({ name }) => name)
  expect(() => requireTables([])).toThrow(expect.objectContaining({ code: 'database_incomplete', details: { missing } }))
  expect(() => requireTables(made)).not.toThrow()
})

test('a statement that meets a damaged page says that the database is damaged', async () => {
  const damaged = { code: 'database_damaged', status: 500 }
  for (const message of ['database disk image is malformed', 'D1_ERROR: database disk image is malformed: SQLITE_CORRUPT', 'file is not a database'])
    expect(databaseFault(new Error(message))).toMatchObject(damaged)
  await expect(written(Promise.reject(new Error('database disk image is malformed')))).rejects.toMatchObject(damaged)
})

test('a statement that fails since a table or a column is not there says which, whatever database it is', async () => {
  const incomplete = (table: string) => ({
    code: 'database_incomplete',
    status: 500,
    details: { missing: [table] },
    message: expect.stringContaining('migrations apply DB'),
  })
  const said = (run: () => unknown): unknown => {
    try {
      return run()
    } catch (error) {
      return error
    }
  }
  const database = new DatabaseSync(':memory:')
  expect(databaseFault(said(() => database.prepare('SELECT 1 FROM tenant_policies')))).toMatchObject(incomplete('tenant_policies'))
  expect(databaseFault(said(() => database.prepare('SELECT 1 FROM main.tenant_policies')))).toMatchObject(incomplete('tenant_policies'))
  expect(databaseFault(new Error('D1_ERROR: no such table: tenant_policies: SQLITE_ERROR'))).toMatchObject(incomplete('tenant_policies'))
  expect(databaseFault(new Error('relation "tenant_policies" does not exist'))).toMatchObject(incomplete('tenant_policies'))
  expect(databaseFault(said(() => database.prepare('SELECT held.withdrawn FROM (SELECT 1 AS one) AS held')))).toMatchObject(incomplete('withdrawn'))
  expect(databaseFault(new Error('column held.withdrawn does not exist'))).toMatchObject(incomplete('withdrawn'))
  expect(databaseFault(new Error('column "withdrawn" does not exist'))).toMatchObject(incomplete('withdrawn'))
  for (const other of [new Error('database or disk is full'), 'no such table: a', undefined]) expect(databaseFault(other)).toBe(undefined)
  await expect(written(Promise.reject(new Error('no such table: keys')))).rejects.toMatchObject(incomplete('keys'))
})
