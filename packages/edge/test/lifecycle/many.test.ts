import { createExecutionContext, env, waitOnExecutionContext } from 'cloudflare:test'
import { beforeEach, expect, test } from 'vitest'
import { cloudflareRoot } from '../../src/cloudflare-composition-root.ts'
import { tokens } from '../../src/tokens.ts'
import { adapterFile, json, publish, script } from '../edge.ts'
import { countedEnvironment } from './counted.ts'

/** What Cloudflare lets one invocation ask of D1, and of R2. */
const most = 1000

/** Asks in an invocation of its own. */
async function counted(path: string, init: RequestInit = {}) {
  const { env: bindings, asked } = countedEnvironment()
  const context = createExecutionContext()
  const request = new Request(`http://127.0.0.1:8787${path}`, { ...init, headers: { authorization: 'Bearer weft-local' } })
  const answer = await json(cloudflareRoot(bindings).get(tokens.app).fetch(request, bindings, context))
  await waitOnExecutionContext(context)
  return { answer, asked }
}
const digest = (n: number): string => `sha256:${n.toString(16).padStart(64, '0')}`

/** Versions as their rows and files say them, all of long ago. */
async function versions(name: string, count: number, { from = 0, on }: { from?: number; on?: string } = {}): Promise<void> {
  const numbers = JSON.stringify(Array.from({ length: count }, (_, n) => n + 1))
  const manifest = (await env.DB.prepare("SELECT manifest FROM adapter_versions WHERE name = 'many/kept'").first<string>('manifest'))!
  const { lineage, ...rest } = JSON.parse(manifest)
  await env.DB.prepare(
    `INSERT INTO adapter_versions (tenant, name, version, digest, bytes, manifest, created_at)
     SELECT 'default', ?1, value, 'sha256:' || printf('%064x', value + ?4), 10, ?3, 1000 FROM json_each(?2)`,
  )
    .bind(name, numbers, JSON.stringify({ ...rest, lineage: on === undefined ? lineage : { ...lineage, on } }), from)
    .run()
  for (let at = 1; at <= count; at += 50)
    await Promise.all(Array.from({ length: Math.min(50, count - at + 1) }, (_, n) => env.ADAPTERS.put(digest(from + at + n), 'bytes')))
}

beforeEach(async () => {
  await script()
  await publish('many/kept', await adapterFile())
})

test('an adapter of hundreds of versions is deleted in one invocation, with its files and an entry for each version', async () => {
  await versions('many/deleted', 400)
  const { answer, asked } = await counted('/v1/adapters/many%2Fdeleted', { method: 'DELETE' })
  expect(answer).toMatchObject({ http: 200, deleted: true })
  expect(asked.d1 + asked.r2).toBeLessThan(most)
  const entries = env.DB.prepare("SELECT count(DISTINCT object) AS n FROM audit WHERE action = 'adapter.delete' AND object LIKE 'many/deleted@%'")
  expect(await entries.first('n')).toBe(400)
  expect((await env.ADAPTERS.list({ prefix: digest(1).slice(0, 60) })).objects).toEqual([])
})

test('what uses what is found within one invocation, however many routes and stacks there are', async () => {
  await versions('many/stacked', 300, { from: 10_000, on: 'base + many/kept@1' })
  const route = (name: string, version: number) => ({ name, version, composition: 'base + many/kept@1 + many/gone@3', updatedAt: 1000 })
  const rows = Array.from({ length: 150 }, (_, n) => `many-${n}`).flatMap((name) => Array.from({ length: 6 }, (_, v) => route(name, v + 1)))
  const insert = "SELECT 'default', value ->> 'name', value ->> 'version', value, 1000 FROM json_each(?)"
  await env.DB.prepare(`INSERT INTO route_versions (tenant, name, version, route, created_at) ${insert}`).bind(JSON.stringify(rows)).run()
  await env.DB.prepare(`INSERT INTO routes (tenant, name, route, updated_at) ${insert.replace("value ->> 'version', ", '')}`)
    .bind(JSON.stringify(rows.filter(({ version }) => version === 6)))
    .run()
  const { answer, asked } = await counted('/v1/adapters/many%2Fstacked@7', { method: 'DELETE' })
  expect(answer).toMatchObject({ http: 200 })
  expect(asked.d1).toBeLessThan(100)
  const used = await counted('/v1/adapters/many%2Fkept@1', { method: 'DELETE' })
  expect(used.answer).toMatchObject({ http: 409, error: { code: 'adapter_in_use' } })
})

test('garbage of thousands of things goes in as many invocations as it takes', async () => {
  await versions('many/garbage', 700, { from: 20_000 })
  const removed: { kind: string; id: string }[] = []
  for (let goesOn = true; goesOn; ) {
    const { answer, asked } = await counted('/v1/gc', { method: 'POST', body: '{"grace_seconds": 0, "keep": 1}' })
    expect(answer).toMatchObject({ http: 200 })
    removed.push(...answer.removed)
    expect(asked.d1 + asked.r2).toBeLessThan(most)
    goesOn = answer.has_more
  }
  expect(removed.filter(({ id }) => id.startsWith('many/garbage'))).toHaveLength(699)
  const files = new Set(Array.from({ length: 700 }, (_, n) => digest(20_001 + n)))
  expect(removed.filter(({ id }) => files.has(id))).toHaveLength(699)
})
