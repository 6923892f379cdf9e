import { applyD1Migrations, reset } from 'cloudflare:test'
import { env } from 'cloudflare:workers'
import { expect, test } from 'vitest'
import { edge, json, script } from '../edge.ts'

test('what was stored before there were tenants is the default one’s', async () => {
  await script()
  await reset()
  await applyD1Migrations(env.DB, env.MIGRATIONS.slice(0, 2))
  const file = { id: 'file-old', object: 'file', bytes: 3, created_at: 1, filename: 'a.jsonl', purpose: 'fine-tune', digest: `sha256:${'1'.repeat(64)}` }
  const route = { id: 'old/route', object: 'route', name: 'old/route', composition: 'base', updatedAt: 1 }
  const manifest = {
    format: 'weft-adapter',
    method: 'm',
    base: { name: 'b', fingerprint: 'f', architecture: 'llama' },
    task: 'CAUSAL_LM',
    sites: [],
    virtualTokens: { rows: 0, prefix: 0 },
  }
  const insert = (statement: string, ...values: unknown[]) =>
    env.DB.prepare(statement)
      .bind(...values)
      .run()
  await insert(
    'INSERT INTO adapter_versions (name, version, digest, bytes, manifest, created_at) VALUES (?, 3, ?, 5, ?, 1)',
    'old/name',
    `sha256:${'2'.repeat(64)}`,
    JSON.stringify(manifest),
  )
  await insert('INSERT INTO files (id, file, created_at) VALUES (?, ?, 1)', file.id, JSON.stringify(file))
  await insert('INSERT INTO routes (name, route, updated_at) VALUES (?, ?, 1)', route.name, JSON.stringify(route))
  await insert("INSERT INTO calibrations (composition, choices, calibration, created_at) VALUES ('key', '[]', '{}', 1)")
  await applyD1Migrations(env.DB, env.MIGRATIONS)
  expect((await json(edge('/v1/adapters'))).data.map(({ id }: { id: string }) => id)).toEqual(['old/name@3'])
  expect((await json(edge('/v1/files'))).data.map(({ id }: { id: string }) => id)).toEqual(['file-old'])
  expect(await json(edge('/v1/routes/old/route'))).toMatchObject({ composition: 'base' })
  expect((await env.DB.prepare("SELECT count(*) AS n FROM calibrations WHERE tenant = 'default'").first<{ n: number }>())!.n).toBe(1)
  const another = { headers: { 'x-weft-tenant': 'another' } }
  for (const path of ['/v1/adapters', '/v1/files', '/v1/routes']) expect((await json(edge(path, another))).data).toEqual([])
})
