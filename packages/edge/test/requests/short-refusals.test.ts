import { env } from 'cloudflare:workers'
import { beforeAll, expect, test } from 'vitest'
import { adapterFile, edge, json, post, publish, script } from '../edge.ts'

const many = 2000
const put = (name: string, route: object) => edge(`/v1/routes/${name}`, { method: 'PUT', body: JSON.stringify(route) })
const remove = (path: string) => json(edge(path, { method: 'DELETE' }))

/** As many rows of a table of the tenant's, from the number 1 on. */
async function insert(table: string, row: (n: number) => Readonly<Record<string, string | number>>): Promise<void> {
  const columns = ['tenant', ...Object.keys(row(1))]
  const statement = env.DB.prepare(`INSERT INTO ${table} (${columns.join(', ')}) VALUES (${columns.map(() => '?').join(', ')})`)
  await env.DB.batch(Array.from({ length: many }, (_, n) => statement.bind('default', ...Object.values(row(n + 1)))))
}

beforeAll(async () => {
  await script()
  await publish('short/used', await adapterFile())
  await put('short', { composition: 'base' })
})

/** Some are named, and the others counted, in the message and in the details. */
function expectShort(answer: any, http: number, code: string, field: string, count: number): void {
  expect(answer).toMatchObject({ http, error: { code, details: { more: count - 8 } } })
  expect(answer.error.details[field]).toHaveLength(8)
  expect(answer.error.message).toContain(`and ${count - 8} more`)
  expect(JSON.stringify(answer).length).toBeLessThan(2500)
}

test('of versions that a route has, the newest are named', async () => {
  const version = (n: number) => ({ name: 'short', version: n + 1, route: JSON.stringify({ name: 'short', version: n + 1 }), created_at: 1 })
  await insert('route_versions', version)
  const answer = await json(post('/v1/routes/short/rollback', { version: many + 2 }))
  expectShort(answer, 404, 'route_version_not_found', 'versions', many + 1)
  expect(answer.error.details.versions[0]).toBe(many + 1)
})

test('of versions of an adapter, where another is asked for', async () => {
  const manifest = (await env.DB.prepare("SELECT manifest FROM adapter_versions WHERE name = 'short/used'").first<string>('manifest'))!
  const digest = (n: number): string => `sha256:${n.toString(16).padStart(64, '0')}`
  await insert('adapter_versions', (version) => ({
    name: 'short/candidates',
    version,
    digest: digest(version),
    bytes: 10,
    manifest,
    created_at: 1,
    candidate: 1,
  }))
  for (const [id, code] of [
    ['short/candidates', 'adapter_version_not_found'],
    ['short/candidates@9999', 'adapter_version_not_found'],
    ['short/candidates@prod', 'adapter_alias_not_found'],
  ] as const)
    expectShort(await json(edge(`/v1/adapters/${id}`)), 404, code, 'suggestions', many)
})

test('of what uses an adapter, a file or a route', async () => {
  await insert('routes', (n) => ({
    name: `short-${n}`,
    route: JSON.stringify({ name: `short-${n}`, version: 1, composition: 'base + short/used@1', updatedAt: 1 }),
    updated_at: 1,
  }))
  expectShort(await remove('/v1/adapters/short/used@1'), 409, 'adapter_in_use', 'used_by', many)
  await insert('jobs', (n) => {
    const job = { id: `ftjob-${n}`, status: 'queued', trainingFile: 'file-short', createdAt: 1 }
    return { id: job.id, status: job.status, job: JSON.stringify({ job, spec: { required: [] } }), created_at: 1 }
  })
  const file = { id: 'file-short', object: 'file', bytes: 1, createdAt: 1, filename: 'a', purpose: 'fine-tune' }
  await env.DB.prepare("INSERT INTO files (tenant, id, file, created_at) VALUES ('default', 'file-short', ?, 1)").bind(JSON.stringify(file)).run()
  expectShort(await remove('/v1/files/file-short'), 409, 'file_in_use', 'jobs', many)
  await insert('batches', (n) => {
    const record = { batch: { id: `batch-${n}` }, models: ['short'], pins: { routes: { short: {} }, adapters: {} } }
    return { id: record.batch.id, status: 'in_progress', record: JSON.stringify(record), created_at: 1 }
  })
  expectShort(await remove('/v1/routes/short'), 409, 'route_in_use', 'batches', many)
})
