import { existsSync, mkdirSync, mkdtempSync, rmSync, symlinkSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import promptTuning from '@weft/plugins/prompt-tuning'
import { defineConfig } from '@weft/protocol'
import pg from 'pg'
import { afterAll, expect, test } from 'vitest'
import { openDatabase } from '../src/database/open-database.ts'
import { keptTables } from '../src/moving/kept-tables.ts'
import { moveDatabase } from '../src/moving/move-database.ts'
import { serve } from '../src/serve.ts'

const scratch = mkdtempSync(join(tmpdir(), 'weft-move-database-'))
afterAll(() => rmSync(scratch, { recursive: true }))
const at = (name: string): string => join(scratch, name)

const onLost = (error: Error): never => {
  throw error
}
const config = defineConfig({ models: { base: { path: './base' } }, plugins: [promptTuning] })
const served = async (database: string, storage: string) =>
  serve({
    config,
    host: '127.0.0.1',
    port: 0,
    database,
    storage: at(storage),
    environment: { LOG_REQUESTS: 'off', LOCAL_KEY: 'key' },
    onFirstKey: () => {},
    onLost,
  })
const ask = (port: number, path: string, init?: RequestInit) => fetch(`http://127.0.0.1:${port}${path}`, { ...init, headers: { authorization: 'Bearer key' } })

interface Column {
  name: string
  type: string
  notnull: number
  pk: number
}

/** A database with more rows in every table than are copied at a time, in which every column that may be null is so in some. */
async function filled(file: string): Promise<Record<string, Column[]>> {
  await (await openDatabase(file, { onLost })).close()
  const db = new DatabaseSync(file)
  const tables = db.prepare("SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT IN ('weft_migrations')").all() as { name: string }[]
  const columns: Record<string, Column[]> = {}
  for (const { name } of tables) {
    columns[name] = db.prepare(`PRAGMA table_info(${name})`).all() as unknown as Column[]
    const insert = db.prepare(`INSERT INTO ${name} VALUES (${columns[name].map(() => '?').join(', ')})`)
    // What is no key is JSON, as much of it is: an index looks into a job's.
    const text = (row: number) => JSON.stringify({ n: [row], letters: 'Zaäß𝔘"\'\n'.slice(row % 7) })
    const value = ({ type, notnull, pk }: Column, row: number) =>
      !notnull && !pk && row % 3 === 0
        ? null
        : type === 'INTEGER'
          ? row * 70_000_000_001
          : pk > 0
            ? `${'Zaäß𝔘"\''.slice(row % 7)}${pk > 1 ? row % 10 : row}`
            : text(row)
    db.exec('BEGIN')
    for (let row = 0; row < 120; row++) insert.run(...columns[name].map((column) => value(column, row)))
    db.exec('COMMIT')
  }
  db.close()
  return columns
}

/** As text, in one order. */
const rowsOf = async (database: string, table: string): Promise<string[]> => {
  const opened = await openDatabase(database, { onLost })
  const { results } = await opened.prepare(`SELECT * FROM ${table}`).all<Record<string, unknown>>()
  await opened.close()
  return results
    .filter(({ name }) => table !== 'settings' || name !== 'moved_to')
    .map((row) => JSON.stringify(Object.entries(row).sort()))
    .sort()
}

const emptied = async (url: string): Promise<string> => {
  const client = new pg.Client({ connectionString: url })
  await client.connect()
  await client.query('DROP SCHEMA public CASCADE; CREATE SCHEMA public')
  await client.end()
  return url
}
const postgres = process.env.WEFT_TEST_DATABASE

test('the tables that are moved are those that there are, by their keys', async () => {
  const columns = await filled(at('schema.sqlite'))
  const keys = Object.entries(columns).map(([table, all]) => [
    table,
    all
      .filter(({ pk }) => pk > 0)
      .sort((a, b) => a.pk - b.pk)
      .map(({ name }) => name),
  ])
  expect(Object.fromEntries(keys)).toEqual(keptTables)
})

test.each(['a file', ...(postgres ? ['PostgreSQL'] : [])])('every row comes to %s as it was, and the old database keeps it', async (kind) => {
  const from = at(`${kind}.sqlite`)
  await filled(from)
  const to = kind === 'a file' ? at('elsewhere/new.sqlite') : await emptied(postgres!)
  const before = new Map<string, string[]>()
  for (const table of Object.keys(keptTables)) before.set(table, await rowsOf(from, table))
  const counts = await moveDatabase({ from, to })
  expect(counts).toEqual(Object.fromEntries(Object.keys(keptTables).map((table) => [table, 120])))
  for (const [table, rows] of before) {
    expect(await rowsOf(to, table), table).toEqual(rows)
    expect(await rowsOf(from, table), table).toEqual(rows)
  }
  // And back again, to a third.
  if (kind === 'PostgreSQL') {
    expect(await moveDatabase({ from: to, to: at('back.sqlite') })).toEqual(counts)
    for (const [table, rows] of before) expect(await rowsOf(at('back.sqlite'), table), table).toEqual(rows)
  }
})

test('a deployment goes on over the new database and its old storage, and not over the old one', async () => {
  const [from, to] = [at('old.sqlite'), at('moved.sqlite')]
  const first = await served(from, 'objects')
  const body = new FormData()
  body.set('purpose', 'fine-tune')
  body.set('file', new Blob(['{"text": "kept"}\n']), 'kept.jsonl')
  const { id } = (await (await ask(first.port, '/v1/files', { method: 'POST', body })).json()) as { id: string }
  // Served, it is nobody else's.
  await expect(moveDatabase({ from, to })).rejects.toMatchObject({ code: 'database_in_use' })
  expect(existsSync(to)).toBe(false)
  await first.stop(5000)
  expect(await moveDatabase({ from, to })).toMatchObject({ files: 1 })

  const second = await served(to, 'objects')
  expect(await (await ask(second.port, `/v1/files/${id}/content`)).text()).toBe('{"text": "kept"}\n')
  await second.stop(5000)
  await expect(served(from, 'objects')).rejects.toMatchObject({ code: 'database_moved', status: 400, message: expect.stringContaining(to) })
  await expect(moveDatabase({ from, to: at('third.sqlite') })).rejects.toMatchObject({ code: 'database_moved' })
  await expect(moveDatabase({ from: to, to: from })).rejects.toMatchObject({ code: 'database_moved' })
})

test('nothing is moved from nowhere, onto itself, or among rows that are there', async () => {
  const missing = at('missing/none.sqlite')
  await expect(moveDatabase({ from: missing, to: at('unmade.sqlite') })).rejects.toMatchObject({ code: 'nothing_to_move', status: 400 })
  expect([existsSync(missing), existsSync(at('unmade.sqlite'))]).toEqual([false, false])
  await filled(at('one.sqlite'))
  await filled(at('two.sqlite'))
  symlinkSync(at('one.sqlite'), at('link.sqlite'))
  for (const to of [at('one.sqlite'), join(scratch, 'x', '..', 'one.sqlite'), at('link.sqlite'), `file://${at('one.sqlite')}`])
    await expect(moveDatabase({ from: at('one.sqlite'), to }), to).rejects.toMatchObject({ code: 'nothing_to_move' })
  await expect(moveDatabase({ from: at('one.sqlite'), to: at('two.sqlite') })).rejects.toMatchObject({ code: 'database_not_empty' })
  expect(await rowsOf(at('two.sqlite'), 'files')).toHaveLength(120)
})

test('a database that was not filled to its end is not served, and the old one is as it was', async () => {
  const [from, to] = [at('whole.sqlite'), at('broken.sqlite')]
  await filled(from)
  mkdirSync(at('empty'))
  await (await openDatabase(to, { onLost })).close()
  const db = new DatabaseSync(to)
  db.exec("CREATE TRIGGER full BEFORE INSERT ON routes WHEN (SELECT count(*) FROM routes) = 60 BEGIN SELECT RAISE(ABORT, 'disk full'); END")
  db.close()
  await expect(moveDatabase({ from, to })).rejects.toMatchObject({ code: 'move_failed', message: expect.stringMatching(/"routes".*disk full/) })
  await expect(served(to, 'empty')).rejects.toMatchObject({ code: 'database_half_moved', message: expect.stringContaining(from) })
  await expect(moveDatabase({ from, to })).rejects.toMatchObject({ code: 'database_half_moved' })
  expect(await moveDatabase({ from, to: at('anew.sqlite') })).toMatchObject({ routes: 120 })
})
