import { execFileSync } from 'node:child_process'
import { globSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { migrations, root } from '../launcher/project.ts'
import { readFolder, writeFolder } from './cache/folder-files.ts'
import { cacheIn, noCache } from './cache/start-cache.ts'
import { checkDatabases } from './check-databases.ts'
import { deploymentOf } from './deployment.ts'
import { migrate } from './migrate.ts'

const scratch = mkdtempSync(join(tmpdir(), 'weft-migrate-'))
afterAll(() => rmSync(scratch, { recursive: true }))

const fresh = (name: string): string => {
  mkdirSync(join(scratch, name, 'edge', 'v3'), { recursive: true })
  return join(scratch, name)
}

/** Asked by a process of its own: node:sqlite is a part of Node that some versions warn about. */
const ask = (state: string, query: string): string[] => {
  const [file] = globSync('edge/v3/d1/*/*.sqlite', { cwd: state }).filter((name) => !name.endsWith('metadata.sqlite'))
  const program =
    "const { DatabaseSync } = require('node:sqlite'); const [file, query] = process.argv.slice(1); const database = new DatabaseSync(file); console.log(JSON.stringify(database.prepare(query).all().map(({ name }) => name)))"
  return JSON.parse(
    execFileSync(process.execPath, ['--disable-warning=ExperimentalWarning', '-e', program, join(state, file!), query], { encoding: 'utf8' }),
  ) as string[]
}

test('a new database gets every migration once, noted as wrangler does, also when the state’s own note is lost', async () => {
  const state = fresh('new')
  const deployment = await deploymentOf(join(root, 'weft.config.ts'), state)
  const names = readdirSync(migrations).sort()
  const tables = names.flatMap((name) =>
    [...readFileSync(join(migrations, name), 'utf8').matchAll(/^CREATE TABLE (?:IF NOT EXISTS )?"?(\w+)/gm)].map(([, table]) => table!),
  )
  for (const lost of [false, true]) {
    if (lost) rmSync(join(state, 'edge', 'migrations.sha256'))
    await migrate(state, deployment, noCache)
    expect(ask(state, 'SELECT name FROM d1_migrations ORDER BY id')).toEqual(names)
    expect(ask(state, "SELECT name FROM sqlite_master WHERE type = 'table'")).toEqual(
      expect.arrayContaining(tables.filter((table) => !table.endsWith('_of_tenants'))),
    )
  }
})

test('the database of a state folder without one is made once, and is the same in the next', async () => {
  const cache = cacheIn(join(scratch, 'kept'))
  const everything = "SELECT name || ' ' || applied_at AS name FROM d1_migrations UNION ALL SELECT sql FROM sqlite_master ORDER BY 1"
  const states = ['one', 'two'].map(fresh)
  for (const state of states) {
    const deployment = await deploymentOf(join(root, 'weft.config.ts'), state, cache)
    await migrate(state, deployment, cache)
    // workerd, which made the first, has a cache beside it.
    expect(readdirSync(join(state, 'edge', 'v3'))).toEqual(state === states[0] ? ['cache', 'd1'] : ['d1'])
    // One that is there is not made anew.
    rmSync(join(state, 'edge', 'migrations.sha256'))
    await migrate(state, deployment, cache)
  }
  const [one, two] = states.map((state) => ask(state, everything))
  expect(two).toEqual(one)
  expect(one!.length).toBeGreaterThan(readdirSync(migrations).length)
  expect(await checkDatabases(states[1]!)).toBeUndefined()
})

test('a database that could not be written whole is not there', () => {
  const folder = join(scratch, 'half', 'd1')
  const unfinished = join(scratch, 'unfinished')
  mkdirSync(join(scratch, 'half'))
  // As a process left it that was killed.
  mkdirSync(join(unfinished, 'a.sqlite-wal'), { recursive: true })
  expect(() => writeFolder(folder, { 'a.sqlite': 'AAAA', 'a.sqlite/b': 'AAAA' }, unfinished)).toThrow()
  expect(readdirSync(join(scratch, 'half'))).toEqual([])
  const files = { 'a/b.sqlite': 'AAEC', 'a/b.sqlite-wal': '' }
  mkdirSync(join(unfinished, 'a.sqlite-wal'), { recursive: true })
  writeFolder(folder, files, unfinished)
  expect(readFolder(folder, () => true)).toEqual(files)
  expect(readFolder(folder, (name) => name.endsWith('-wal'))).toEqual({ 'a/b.sqlite-wal': '' })
})
