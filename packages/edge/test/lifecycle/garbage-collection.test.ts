import { env } from 'cloudflare:workers'
import { beforeEach, expect, test } from 'vitest'
import { cloudflareRoot } from '../../src/cloudflare-composition-root.ts'
import { tokens } from '../../src/tokens.ts'
import { adapterFile, edge, json, post, publish, script } from '../edge.ts'

beforeEach(() => script())

interface Kept {
  kind: string
  id: string
  because: string[]
}
const collect = (body: object = {}) => json(post('/v1/gc', { grace_seconds: 0, keep: 1, ...body }))
const versions = async (name: string, count: number, from = 0): Promise<string[]> => {
  const digests: string[] = []
  for (let n = 1; n <= count; n++) digests.push((await json(publish(name, await adapterFile({ value: (from + n) / 64 })))).digest)
  return digests
}
/** As if it had all happened long ago. */
const age = () => env.DB.batch(['adapter_versions', 'calibrations'].map((table) => env.DB.prepare(`UPDATE ${table} SET created_at = created_at - 1000`)))
const removedOf = ({ removed }: { removed: { kind: string; id: string }[] }, kind = 'version') =>
  removed.filter((each) => each.kind === kind).map(({ id }) => id)
const because = (answer: { kept: Kept[] }, id: string) => answer.kept.find((each) => each.id === id)?.because ?? []

test('what a bare name, an alias, a route, a job, a batch or a calibration uses stays; the rest goes, and its files with it', async () => {
  const digests = await versions('gc/a', 8)
  await edge('/v1/adapters/gc/a/aliases/prod', { method: 'PUT', body: '{"version": 2}' })
  await edge('/v1/routes/gc-route', { method: 'PUT', body: JSON.stringify({ composition: 'base + 0.5*gc/a@3' }) })
  const now = Math.floor(Date.now() / 1000)
  const insert = (table: string, columns: string, ...values: unknown[]) =>
    env.DB.prepare(`INSERT INTO ${table} (${columns}) VALUES (${values.map(() => '?').join(', ')})`)
      .bind(...values)
      .run()
  const job = { id: 'ftjob-gc', status: 'running', trainingFile: 'file-gc', resultFiles: [], createdAt: now }
  await insert(
    'jobs',
    'id, tenant, status, job, created_at',
    job.id,
    'default',
    job.status,
    JSON.stringify({ job, spec: { required: [{ ref: 'gc/a@4', digest: digests[3] }] } }),
    now,
  )
  const calibration = {
    object: 'calibration',
    model: 'gc/a + gc/a',
    expression: 'base + gc/a@5 + gc/a@5',
    key: `sha256:${'1'.repeat(64)}`,
    inputs: 24,
    scores: {},
    createdAt: now,
  }
  await insert('calibrations', 'tenant, composition, choices, calibration, created_at', 'default', calibration.key, '[]', JSON.stringify(calibration), now)
  const batch = { id: 'batch-gc', status: 'in_progress', inputFileId: 'file-in', outputFileId: null, errorFileId: null, createdAt: now }
  await insert('batches', 'id, tenant, status, record, created_at', batch.id, 'default', batch.status, JSON.stringify({ batch, models: ['gc/a@6'] }), now)
  await age()

  const dry = await collect({ dry_run: true })
  expect(removedOf(dry)).toEqual(['gc/a@7', 'gc/a@1'])
  expect(because(dry, 'gc/a@8')).toEqual(expect.arrayContaining(['"gc/a" stands for it', 'it is one of the 1 newest']))
  expect(because(dry, 'gc/a@2')).toEqual(['the alias "gc/a@prod" stands for it'])
  expect(because(dry, 'gc/a@3')).toEqual(['the route "gc-route" uses it'])
  expect(because(dry, 'gc/a@4')).toEqual(['the job "ftjob-gc" needs it'])
  expect(because(dry, 'gc/a@5')).toEqual(['a calibration of "gc/a + gc/a" is for it'])
  expect(because(dry, 'gc/a@6')).toEqual(['the batch "batch-gc" asks for it'])
  // Each reason has a code, for programs.
  const codes = (id: string) => dry.kept.find((each: { id: string }) => each.id === id).reasons.map(({ code }: { code: string }) => code)
  expect(['gc/a@2', 'gc/a@3', 'gc/a@4', 'gc/a@5', 'gc/a@6'].map(codes)).toEqual([['alias'], ['route'], ['job'], ['calibration'], ['batch']])
  expect(codes('gc/a@8')).toEqual(expect.arrayContaining(['bare_name', 'newest']))
  expect((await json(edge('/v1/adapters/gc/a@7'))).http).toBe(200)

  // What comes to use a version after it was looked for keeps it in the statement that would remove it.
  const { names } = cloudflareRoot(env).get(tokens.openStores)('default')
  expect(await names.collect([2, 3, 4, 6, 8].map((version) => ({ name: 'gc/a', version })))).toEqual([])
  const asks = (models: string[]) => env.DB.prepare('UPDATE batches SET record = ? WHERE id = ?').bind(JSON.stringify({ batch, models }), batch.id).run()
  await asks([])
  expect(await names.collect([{ name: 'gc/a', version: 7 }])).toEqual([])
  await asks(['gc/a@6'])

  expect(removedOf(await collect())).toEqual(['gc/a@7', 'gc/a@1'])
  for (const [n, digest] of digests.entries()) {
    const gone = n === 0 || n === 6
    expect((await edge(`/v1/adapters/gc/a@${n + 1}/content`)).status).toBe(gone ? 404 : 200)
    expect((await env.ADAPTERS.head(digest)) === null).toBe(gone)
  }
  await env.DB.batch(['jobs', 'batches', 'calibrations'].map((table) => env.DB.prepare(`DELETE FROM ${table}`)))
  expect(removedOf(await collect())).toEqual(['gc/a@6', 'gc/a@5', 'gc/a@4'])
})

test('what another version was trained over stays', async () => {
  await versions('gc/beneath', 3, 40)
  await json(publish('gc/over', await adapterFile({ value: 50, lineage: { on: '0.5*gc/beneath@1' } })))
  await age()
  const dry = await collect({ dry_run: true })
  expect(because(dry, 'gc/beneath@1')).toEqual(['"gc/over@1" was trained over it'])
  expect(removedOf(dry)).toContain('gc/beneath@2')
  await edge('/v1/adapters/gc/over', { method: 'DELETE' })
  expect(removedOf(await collect({ dry_run: true }))).toContain('gc/beneath@1')
  await edge('/v1/adapters/gc/beneath', { method: 'DELETE' })
  await collect()
})

test('the grace period, and the versions that are kept to roll back to', async () => {
  await versions('gc/b', 3, 20)
  expect(removedOf(await collect({ grace_seconds: 600 }))).toEqual([])
  await age()
  const { kept, removed } = await collect({ dry_run: true, keep: 3 })
  expect(removed.filter(({ id }: Kept) => id.startsWith('gc/b'))).toEqual([])
  expect(because({ kept }, 'gc/b@1')).toEqual(['it is one of the 3 newest'])
  // A name that was rolled back stands for an old version, which stays.
  await post('/v1/adapters/gc/b/rollback', { to: 1 })
  expect(removedOf(await collect())).toEqual(['gc/b@2'])
  expect((await json(edge('/v1/adapters/gc/b'))).id).toBe('gc/b@1')
})

test('of candidates the newest stay too, until a version that has passed is newer', async () => {
  const weigh = (version: number, candidate: 0 | 1) =>
    env.DB.prepare("UPDATE adapter_versions SET candidate = ? WHERE name = 'gc/d' AND version = ?").bind(candidate, version).run()
  await versions('gc/d', 1, 40)
  await weigh(1, 1)
  await age()
  // The only one of its name.
  const { kept, removed } = await collect({ dry_run: true })
  expect(removedOf({ removed })).not.toContain('gc/d@1')
  expect(kept.find(({ id }: Kept) => id === 'gc/d@1')).toMatchObject({ because: ['it is one of the 1 newest candidates'], reasons: [{ code: 'newest' }] })
  expect(removedOf(await collect())).toEqual([])
  // One that has passed, one that is newer and has not, and two more of these.
  await versions('gc/d', 4, 41)
  for (const version of [3, 4, 5]) await weigh(version, 1)
  await age()
  expect(removedOf(await collect({ dry_run: true, keep: 2 }))).toEqual(['gc/d@3', 'gc/d@1'])
  expect(removedOf(await collect())).toEqual(['gc/d@4', 'gc/d@3', 'gc/d@1'])
  await weigh(5, 0)
  expect((await json(edge('/v1/adapters/gc/d'))).id).toBe('gc/d@5')
})

test('what a job or a batch has come to name meanwhile, or a running job has just written, stays', async () => {
  const stores = cloudflareRoot(env).get(tokens.openStored)('default')
  const file = async (id: string, purpose: 'batch_output' | 'fine-tune-results') => {
    const stored = await stores.files.write(id, new Blob(['a']).stream())
    await stores.files.put({ id, object: 'file', createdAt: 1, filename: 'a', purpose, ...stored })
  }
  const insert = (table: 'jobs' | 'batches', column: string, id: string, status: string, record: object) =>
    env.DB.prepare(`INSERT INTO ${table} (id, tenant, status, ${column}, created_at) VALUES (?, 'default', ?, ?, 1)`)
      .bind(id, status, JSON.stringify(record))
      .run()
  for (const id of ['file-output', 'file-free']) await file(id, 'batch_output')
  for (const id of ['file-result', 'file-fresh']) await file(id, 'fine-tune-results')
  await env.FILES.put('file-coming', 'x')
  const batch = { inputFileId: 'file-gone', outputFileId: 'file-output', errorFileId: 'file-coming' }
  await insert('batches', 'record', 'batch-ended', 'completed', { batch })
  await insert('jobs', 'job', 'ftjob-done', 'succeeded', { job: { resultFiles: ['file-result'] } })
  await insert('jobs', 'job', 'ftjob-going', 'running', { job: { resultFiles: [] } })
  const collected = async (...ids: string[]) => Promise.all(ids.map((id) => stores.files.collect(id)))
  expect(await collected('file-output', 'file-coming', 'file-result', 'file-fresh', 'file-free')).toEqual([false, false, false, false, true])
  expect(await stores.files.content('file-coming')).toBeDefined()
  await env.DB.batch(['jobs', 'batches'].map((table) => env.DB.prepare(`DELETE FROM ${table}`)))
  expect(await collected('file-output', 'file-coming', 'file-result', 'file-fresh')).toEqual([true, true, true, true])
})

test('files that nothing points to, checkpoints of ended jobs and uploads that broke off go; what is needed stays', async () => {
  const orphan = await adapterFile({ value: 31 })
  const { digest } = await json(publish('gc/c', orphan))
  await env.DB.prepare("DELETE FROM adapter_versions WHERE name = 'gc/c'").run()
  await env.CHECKPOINTS.put('ftjob-ended/000000010', 'x')
  await env.CHECKPOINTS.put('ftjob-live/000000010', 'x')
  await env.CHECKPOINTS.put('@other/ftjob-theirs/000000010', 'x')
  await env.FILES.put('file-broken', 'x')
  const live = { id: 'ftjob-live', status: 'running', trainingFile: 'file-live', resultFiles: [], createdAt: 1 }
  await env.DB.prepare('INSERT INTO jobs (id, tenant, status, job, created_at) VALUES (?, ?, ?, ?, 1)')
    .bind(live.id, 'default', live.status, JSON.stringify({ job: live, spec: { required: [] } }))
    .run()
  await env.FILES.put('file-live', 'x')
  // Objects have whole seconds, and what is as old as the grace period stays.
  await new Promise((resolve) => setTimeout(resolve, 1100))
  expect((await collect({ grace_seconds: 3600 })).removed).toEqual([])
  const answer = await collect()
  expect(removedOf(answer, 'blob')).toContain(digest)
  expect(removedOf(answer, 'checkpoint')).toEqual(['ftjob-ended/000000010'])
  expect(removedOf(answer, 'file')).toEqual(['file-broken'])
  expect(await env.ADAPTERS.head(digest)).toBeNull()
  for (const key of ['ftjob-live/000000010', '@other/ftjob-theirs/000000010']) expect(await env.CHECKPOINTS.head(key)).not.toBeNull()
  expect(await env.FILES.head('file-live')).not.toBeNull()
  await env.DB.prepare('DELETE FROM jobs').run()
})
