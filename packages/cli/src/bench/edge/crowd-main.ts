import { DatabaseSync } from 'node:sqlite'

/**
 * A process of its own, while no edge runs: fills the local database with copies of one published adapter under other names, and with routes
 * to them. `crowd-main.ts DATABASE ADAPTER ADAPTERS ROUTES`
 */
const [file = '', adapter = '', adapters = '0', routes = '0'] = process.argv.slice(2)
const database = new DatabaseSync(file)
/** A row of a table, and how to put it there again with some columns changed. */
function copier(table: string, where = ''): (changed: Record<string, string | null>) => void {
  const row = database.prepare(`SELECT * FROM ${table} ${where} LIMIT 1`).get() as Record<string, string | number | null>
  const columns = Object.keys(row)
  const insert = database.prepare(`INSERT OR IGNORE INTO ${table} (${columns.join(', ')}) VALUES (${columns.map(() => '?').join(', ')})`)
  return (changed) => void insert.run(...columns.map((column) => (column in changed ? changed[column]! : row[column]!)))
}

const addAdapter = copier('adapter_versions', `WHERE name = '${adapter}'`)
const addRoute = copier('routes')
const template = JSON.parse((database.prepare('SELECT route FROM routes LIMIT 1').get() as { route: string }).route) as object
database.exec('BEGIN')
for (let n = 0; n < Number(adapters); n++) addAdapter({ name: `crowd/a${n}`, job_id: null })
for (let n = 0; n < Number(routes); n++) {
  const name = `crowd-route-${n}`
  addRoute({ name, route: JSON.stringify({ ...template, id: name, name, composition: `base + crowd/a${n % Number(adapters)}` }) })
}
database.exec('COMMIT')
database.close()
