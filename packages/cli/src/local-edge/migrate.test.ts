import { execFileSync } from 'node:child_process'
import { globSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { migrations, root } from '../launcher/project.ts'
import { deploymentOf } from './deployment.ts'
import { migrate } from './migrate.ts'

// This needs its own process: wrangler brings an agent of its own for fetch, and variables.
const state = mkdtempSync(join(tmpdir(), 'weft-migrate-'))
afterAll(() => rmSync(state, { recursive: true }))

/** Asked by a process of its own: node:sqlite is a part of Node that some versions warn about. */
const ask = (query: string): string[] => {
  const [file] = globSync('edge/v3/d1/*/*.sqlite', { cwd: state }).filter((name) => !name.endsWith('metadata.sqlite'))
  const program =
    "const { DatabaseSync } = require('node:sqlite'); const [file, query] = process.argv.slice(1); const database = new DatabaseSync(file); console.log(JSON.stringify(database.prepare(query).all().map(({ name }) => name)))"
  return JSON.parse(
    execFileSync(process.execPath, ['--disable-warning=ExperimentalWarning', '-e', program, join(state, file!), query], { encoding: 'utf8' }),
  ) as string[]
}

test('a new database gets every migration once, noted as wrangler does, also when the state’s own note is lost', async () => {
  mkdirSync(join(state, 'edge'))
  const deployment = await deploymentOf(join(root, 'weft.config.ts'), state)
  const names = readdirSync(migrations).sort()
  const tables = names.flatMap((name) =>
    [...readFileSync(join(migrations, name), 'utf8').matchAll(/^CREATE TABLE (?:IF NOT EXISTS )?"?(\w+)/gm)].map(([, table]) => table!),
  )
  for (const lost of [false, true]) {
    if (lost) rmSync(join(state, 'edge', 'migrations.sha256'))
    await migrate(state, deployment)
    expect(ask('SELECT name FROM d1_migrations ORDER BY id')).toEqual(names)
    expect(ask("SELECT name FROM sqlite_master WHERE type = 'table'")).toEqual(expect.arrayContaining(tables.filter((table) => !table.endsWith('_of_tenants'))))
  }
})
