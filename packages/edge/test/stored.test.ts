import { createExecutionContext } from 'cloudflare:test'
import { env } from 'cloudflare:workers'
import { beforeEach, describe, expect, test } from 'vitest'
import { cloudflareRoot } from '../src/cloudflare-composition-root.ts'
import { written } from '../src/stores/written.ts'
import { tokens } from '../src/tokens.ts'
import { adapterFile, edge, json, post, publish, refusal, script, seen, until } from './edge.ts'
import { cancelled, create, ended, event, job, lost, messages, part, report, submitted, taken, upload } from './jobs/job-steps.ts'

beforeEach(() => script())

/** Writes something else under a key, as a disk does that forgets a bit or the end of a file. */
const damage = async (bucket: R2Bucket, key: string, change: (bytes: Uint8Array) => Uint8Array) => {
  const object = (await bucket.get(key))!
  await bucket.put(key, change(new Uint8Array(await object.arrayBuffer())), { customMetadata: object.customMetadata ?? {} })
}
const flipped = (bytes: Uint8Array) => bytes.map((byte, at) => (at === bytes.length - 1 ? byte ^ 1 : byte))
const cut = (bytes: Uint8Array) => bytes.slice(0, -5)

// Files of no other test: what the edge has in memory it does not read again.
describe.each([
  ['a flipped byte', flipped, 0.771],
  ['a cut off end', cut, 0.772],
])('an adapter whose file has %s in the store', (_, change, value) => {
  test('is not served under its digest, and publishing the same file mends it', async () => {
    const file = await adapterFile({ value })
    const name = `stored/v${value * 1000}`
    const { digest } = await json(publish(name, file))
    await damage(env.ADAPTERS, digest, change)
    const damaged = { http: 500, error: { code: 'adapter_file_damaged', message: expect.stringContaining(`"${name}@1"`), details: { digest } } }
    expect(await json(edge(`/v1/adapters/${name}/content`))).toMatchObject(damaged)
    expect(await json(post('/v1/compositions/explain', { model: name }))).toMatchObject(damaged)
    await script(refusal(424, 'composition_not_held', 'POST /generate'))
    expect(await json(post('/v1/completions', { model: name, prompt: 'a' }))).toMatchObject(damaged)
    expect(await json(publish(`${name}/again`, file))).toMatchObject({ http: 201, digest })
    expect(new Uint8Array(await (await edge(`/v1/adapters/${name}/content`)).arrayBuffer())).toEqual(file)
    expect(await json(post('/v1/compositions/explain', { model: name }))).toMatchObject({ http: 200 })
  })
})

test('a training file that is damaged is not read, and fails the job that needs it', async () => {
  await script(taken, cancelled, { ...report('queued'), times: 0 })
  const file = await upload('{"text": "kept"}\n')
  await damage(env.FILES, file, flipped)
  expect(await json(edge(`/v1/files/${file}/content`))).toMatchObject({ http: 500, error: { code: 'file_damaged' } })
  const { id } = await create({ suffix: 'style/damaged', training_file: file })
  expect(await ended(id)).toMatchObject({ status: 'failed', error: { code: 'file_damaged', param: 'training_file' } })
})

test('a damaged checkpoint gives way to the one before', async () => {
  const report4 = report('running', { step: 4, checkpoint_step: 4, events: [event(1, 'step 4')] })
  await script(taken, cancelled, { ...report('queued'), times: 0 })
  const { id } = await create({ suffix: 'style/checkpoints' })
  await submitted(id)
  await script(taken, cancelled, part(id, 'checkpoint', new TextEncoder().encode('four')), { ...report4, times: 0 })
  const held = () => json(edge(`/v1/fine_tuning/jobs/${id}/checkpoints`))
  await until(async () => (await held()).data.length === 1)
  await script(taken, cancelled, part(id, 'checkpoint', new TextEncoder().encode('eight')), {
    ...report('running', { step: 8, checkpoint_step: 8 }),
    times: 0,
  })
  await until(async () => (await held()).data.length === 2)
  await damage(env.CHECKPOINTS, `${id}/000000008`, flipped)
  await script(taken, cancelled, lost, { ...report('running', { step: 5 }), times: 0 })
  const { body } = await submitted(id)
  expect(body).toMatchObject({ checkpoint: 'four' })
  // The runner has it before the job hears that it has.
  await until(async () => (await messages(id)).includes('Given to the runner again, from step 4.'))
  expect(await messages(id)).toContain('The checkpoint of step 8 is damaged or gone.')
  await edge(`/v1/fine_tuning/jobs/${id}/cancel`, { method: 'POST' })
})

describe('what an unfinished job needs is not deleted', () => {
  test('files', async () => {
    await script(taken, cancelled, { ...report('running'), times: 0 })
    const [training, validation, reference] = await Promise.all(['a', 'b', 'c'].map((text) => upload(`{"text": "${text}"}\n`)))
    const { id } = await create({ suffix: 'style/needy', training_file: training, validation_file: validation, foreign_file: reference, locality: {} })
    for (const file of [training, validation, reference])
      expect(await json(edge(`/v1/files/${file}`, { method: 'DELETE' }))).toMatchObject({
        http: 409,
        error: { code: 'file_in_use', message: expect.stringContaining(id), details: { jobs: [id] } },
      })
    await edge(`/v1/fine_tuning/jobs/${id}/cancel`, { method: 'POST' })
    for (const file of [training, validation, reference]) expect(await json(edge(`/v1/files/${file}`, { method: 'DELETE' }))).toMatchObject({ http: 200 })
  })

  test('adapters, by version', async () => {
    await script(taken, cancelled, { ...report('running'), times: 0 })
    for (const value of [0.81, 0.82]) await publish('stored/trunk', await adapterFile({ value }))
    await publish('stored/trunk-two', await adapterFile({ value: 0.83 }))
    const { id } = await create({ suffix: 'style/on', on: 'stored/trunk@1' })
    const remove = (ref: string) => json(edge(`/v1/adapters/${ref}`, { method: 'DELETE' }))
    const inUse = { http: 409, error: { code: 'adapter_in_use', details: { used_by: [{ kind: 'job', id }] } } }
    expect(await remove('stored/trunk@1')).toMatchObject(inUse)
    expect(await remove('stored/trunk')).toMatchObject(inUse)
    expect((await json(edge('/v1/adapters/stored/trunk/versions'))).data).toHaveLength(2)
    expect(await remove('stored/trunk@2')).toMatchObject({ http: 200 })
    expect(await remove('stored/trunk-two')).toMatchObject({ http: 200 })
    await edge(`/v1/fine_tuning/jobs/${id}/cancel`, { method: 'POST' })
    expect(await remove('stored/trunk')).toMatchObject({ http: 200 })
  })

  test('nor lost between the two when both come at once', async () => {
    await script(taken, cancelled, { ...report('running'), times: 0 })
    for (let n = 0; n < 6; n++) {
      const file = await upload(`{"text": "${n}"}\n`)
      const [made, deleted] = await Promise.all([
        create({ suffix: `style/race${n}`, training_file: file }),
        json(edge(`/v1/files/${file}`, { method: 'DELETE' })),
      ])
      expect([made.http, deleted.http].filter((status) => status === 200)).toHaveLength(1)
      if (made.http !== 200) continue
      expect(deleted.error.code).toBe('file_in_use')
      await edge(`/v1/fine_tuning/jobs/${made.id}/cancel`, { method: 'POST' })
    }
  })
})

test('a write that the store does not take is 507, and one that it never answers is given up', async () => {
  const refused = { status: 507, code: 'storage_full', fault: 'ours', message: expect.stringContaining('full disk') }
  await expect(written(Promise.reject(new Error('internal error; reference = x')))).rejects.toMatchObject(refused)
  await expect(written(new Promise(() => {}), 20)).rejects.toMatchObject(refused)
  await expect(written(env.DB.prepare('INSERT INTO keys VALUES (1)').run())).rejects.toMatchObject(refused)
  await expect(written(Promise.resolve(3))).resolves.toBe(3)
})

test('many adapters are found with one question, in order, each as it was named', async () => {
  const digests: string[] = []
  for (const value of [0.91, 0.92, 0.93]) digests.push((await json(publish('stored/many', await adapterFile({ value })))).digest)
  await publish('stored/other', await adapterFile({ value: 0.91 }))
  await edge('/v1/adapters/stored/many@3', { method: 'DELETE' })
  const found = await json(
    post('/v1/compositions/explain', { model: `stored/many + stored/many@1 + stored/other + stored/many@${digests[0]} + 0.5*stored/other@1` }),
  )
  expect(found).toMatchObject({ http: 200, expression: 'base + stored/many@2 + stored/many@1 + stored/other@1 + stored/many@1 + 0.5*stored/other@1' })
  expect(await json(post('/v1/compositions/explain', { model: 'stored/many + stored/many@3' }))).toMatchObject({
    http: 404,
    error: { code: 'adapter_version_not_found' },
  })
  expect(await json(post('/v1/compositions/explain', { model: 'stored/many + stored/mny' }))).toMatchObject({
    http: 404,
    error: { code: 'adapter_not_found', details: { suggestions: expect.arrayContaining(['stored/many']) } },
  })
})

test('partners are counted, and all of them looked up at once', async () => {
  await script(taken, cancelled, { ...report('running'), times: 0 })
  const partners = (count: number) => ({ adapters: Array.from({ length: count }, (_, n) => `${(n + 1) / 100}*stored/other`) })
  expect(await create({ suffix: 'style/partnered', partners: partners(5_000) })).toMatchObject({ http: 400, error: { param: 'partners.adapters' } })
  const { id, http } = await create({ suffix: 'style/partnered', partners: partners(64) })
  expect(http).toBe(200)
  expect((await job(id)).partners.adapters.at(-1)).toBe('0.64*stored/other@1')
  await edge(`/v1/fine_tuning/jobs/${id}/cancel`, { method: 'POST' })
  await until(async () => (await seen()).some(({ method }) => method === 'DELETE'))
})

test('a database that lacks a table says so where it is asked how it fares', async () => {
  expect(await json(edge('/health'))).toMatchObject({ http: 200, database: { ok: true } })
  await env.DB.prepare('ALTER TABLE calibrations RENAME TO lost').run()
  const health = () => cloudflareRoot(env).get(tokens.app).fetch(new Request('http://127.0.0.1:8787/health'), env, createExecutionContext())
  expect(await json(health())).toMatchObject({
    http: 200,
    database: { ok: false, code: 'database_incomplete', message: expect.stringContaining('"calibrations"') },
  })
  await env.DB.prepare('ALTER TABLE lost RENAME TO calibrations').run()
  expect(await json(health())).toMatchObject({ database: { ok: true } })
})

test('and it is asked each time, not only once after a start', async () => {
  const app = cloudflareRoot(env).get(tokens.app)
  const health = () => json(app.fetch(new Request('http://127.0.0.1:8787/health'), env, createExecutionContext()))
  expect(await health()).toMatchObject({ database: { ok: true } })
  await env.DB.prepare('ALTER TABLE calibrations RENAME TO lost').run()
  expect(await health()).toMatchObject({ database: { ok: false, code: 'database_incomplete' } })
  await env.DB.prepare('ALTER TABLE lost RENAME TO calibrations').run()
  expect(await health()).toMatchObject({ database: { ok: true } })
})

test('a request that needs a table that is not there says which, and what to do', async () => {
  await env.DB.prepare('ALTER TABLE signing_keys RENAME TO lost').run()
  const incomplete = {
    http: 500,
    error: { code: 'database_incomplete', message: expect.stringContaining('migrations apply DB'), details: { missing: ['signing_keys'] } },
  }
  expect(await json(edge('/v1/signing_keys'))).toMatchObject(incomplete)
  expect(await json(edge('/v1/signing_keys/ed25519:AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA', { method: 'DELETE' }))).toMatchObject(incomplete)
  await env.DB.prepare('ALTER TABLE lost RENAME TO signing_keys').run()
  expect(await json(edge('/v1/signing_keys'))).toMatchObject({ http: 200 })
})
