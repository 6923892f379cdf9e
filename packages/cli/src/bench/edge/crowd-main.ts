import { DatabaseSync } from 'node:sqlite'

/**
 * A process of its own, while no edge runs: fills the local database with copies of one published adapter under other names, and with routes
 * to them. `crowd-main.ts DATABASE ADAPTER ADAPTERS ROUTES`
 */
const [file = '', adapter = '', adapters = '0', routes = '0'] = process.argv.slice(2)
const database = new DatabaseSync(file)
const columns = (database.prepare("SELECT name FROM pragma_table_info('adapter_versions')").all() as { name: string }[]).map(({ name }) => name)
const copied = columns.map((column) => (column === 'name' ? '?' : column === 'job_id' ? 'NULL' : column)).join(', ')
const addAdapter = database.prepare(
  `INSERT OR IGNORE INTO adapter_versions (${columns.join(', ')}) SELECT ${copied} FROM adapter_versions WHERE name = ? ORDER BY version LIMIT 1`,
)
const routeColumns = (database.prepare("SELECT name FROM pragma_table_info('routes')").all() as { name: string }[]).map(({ name }) => name)
const template = database.prepare('SELECT * FROM routes LIMIT 1').get() as Record<string, unknown>
const addRoute = database.prepare(`INSERT OR IGNORE INTO routes (${routeColumns.join(', ')}) VALUES (${routeColumns.map(() => '?').join(', ')})`)
database.exec('BEGIN')
for (let n = 0; n < Number(adapters); n++) addAdapter.run(`crowd/a${n}`, adapter)
for (let n = 0; n < Number(routes); n++) {
  const name = `crowd-route-${n}`
  const route = JSON.stringify({ ...JSON.parse(String(template.route)), id: name, name, composition: `base + crowd/a${n % Number(adapters)}` })
  addRoute.run(...routeColumns.map((column) => (column === 'name' ? name : column === 'route' ? route : (template[column] as never))))
}
database.exec('COMMIT')
database.close()
