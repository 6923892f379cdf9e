import { readdirSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { databaseNewer } from '../errors.ts'

export interface Migration {
  name: string
  sql: string
}

const migrationsOf = (folder: string): Migration[] =>
  readdirSync(folder)
    .filter((name) => name.endsWith('.sql'))
    .sort()
    .map((name) => ({ name, sql: readFileSync(join(folder, name), 'utf8') }))

const here = dirname(fileURLToPath(import.meta.url))
const own = (kind: string): Migration[] => migrationsOf(join(here, '..', '..', 'migrations', kind)).map(({ name, sql }) => ({ name: `${kind}/${name}`, sql }))

/** The edge's, which D1 gets too, and what a host on Node keeps beside. */
export const sqliteMigrations = (): Migration[] => [
  ...migrationsOf(join(dirname(fileURLToPath(import.meta.resolve('@weft/edge/host'))), '..', 'migrations')),
  ...own('sqlite'),
]

export const postgresMigrations = (): Migration[] => own('postgres')

/** Those that a database lacks. Error `database_newer` where it has others. */
export function missingMigrations(all: readonly Migration[], applied: readonly string[], database: string): Migration[] {
  const unknown = applied.filter((name) => !all.some((migration) => migration.name === name))
  if (unknown.length > 0) throw databaseNewer(database, unknown)
  return all.filter(({ name }) => !applied.includes(name))
}
