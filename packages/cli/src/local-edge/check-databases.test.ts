import { execFileSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { checkDatabases } from './check-databases.ts'

const scratch = mkdtempSync(join(tmpdir(), 'weft-databases-'))
afterAll(() => rmSync(scratch, { recursive: true }))

/** A state folder with one database of each kind, made by a process of its own as workerd's are. */
const state = (name: string): { path: string; file: (kind: string) => string } => {
  const path = join(scratch, name)
  const file = (kind: string): string => join(path, 'edge', 'v3', kind, 'miniflare-Object', 'a.sqlite')
  const make = `
    const { DatabaseSync } = require('node:sqlite')
    for (const file of process.argv.slice(1)) {
      const db = new DatabaseSync(file)
      db.exec('PRAGMA journal_mode = WAL; CREATE TABLE t (id INTEGER PRIMARY KEY, text TEXT); BEGIN')
      for (let i = 0; i < 500; i++) db.prepare('INSERT INTO t (text) VALUES (?)').run('row '.repeat(20) + i)
      db.exec('COMMIT')
      db.close()
    }`
  const files = ['d1', 'r2', 'do', 'kv'].map(file)
  for (const each of files) mkdirSync(join(each, '..'), { recursive: true })
  execFileSync(process.execPath, ['--disable-warning=ExperimentalWarning', '-e', make, ...files])
  return { path, file }
}

const damage = (file: string, how: 'header' | 'page' | 'cut'): void => {
  if (how === 'cut') return truncateSync(file, 5000)
  const bytes = readFileSync(file)
  if (how === 'header') bytes.fill(0x5a, 0, 16)
  else bytes.fill(0xff, 4096, 8192)
  writeFileSync(file, bytes)
}

test('sound databases pass, and so does a folder without any', async () => {
  await expect(checkDatabases(state('sound').path)).resolves.toBeUndefined()
  await expect(checkDatabases(join(scratch, 'nothing'))).resolves.toBeUndefined()
})

test.each([
  ['d1', 'header', /names and versions of adapters/],
  ['d1', 'page', /names and versions of adapters/],
  ['r2', 'page', /where the bytes of adapters/],
  ['do', 'cut', /one training job/],
  ['kv', 'header', /nothing is lost/],
] as const)('a broken one of %s (%s) is named, with what is in it and what to do', async (kind, how, words) => {
  const { path, file } = state(`${kind}-${how}`)
  damage(file(kind), how)
  await expect(checkDatabases(path)).rejects.toMatchObject({ code: 'database_broken', message: expect.stringMatching(words) })
  await expect(checkDatabases(path)).rejects.toThrow(file(kind))
  // It was looked at and not touched: the others are sound once it is moved away.
  rmSync(file(kind))
  await expect(checkDatabases(path)).resolves.toBeUndefined()
})
