import { readdirSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'
import { requireTables } from '../src/stores/sql/tables.ts'

test('a database is asked for every table that the migrations make', () => {
  const migrations = join(dirname(fileURLToPath(import.meta.url)), '../migrations')
  const database = new DatabaseSync(':memory:')
  for (const name of readdirSync(migrations).sort()) database.exec(readFileSync(join(migrations, name), 'utf8'))
  const made = database.prepare("SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%' ORDER BY name").all() as { name: string }[]
  const missing = made.map(({ name }) => name)
  expect(() => requireTables([])).toThrow(expect.objectContaining({ code: 'database_incomplete', details: { missing } }))
  expect(() => requireTables(made)).not.toThrow()
})
