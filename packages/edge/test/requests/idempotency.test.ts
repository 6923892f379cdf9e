import { env, exports } from 'cloudflare:workers'
import { WeftClient } from '@weft/client'
import { beforeEach, expect, test, vi } from 'vitest'
import { adapterFile, script } from '../edge.ts'

const replayed: (string | null)[] = []
const weft = new WeftClient({
  apiKey: 'weft-local',
  maxRetries: 0,
  fetch: async (request) => {
    const response = await exports.default.fetch(request)
    replayed.push(response.headers.get('idempotency-replayed'))
    return response
  },
})

beforeEach(async () => {
  replayed.length = 0
  await script()
})

test('an adapter is published once for each key, and its answer is given again', async () => {
  const file = await adapterFile({ value: 0.83 })
  const publish = (idempotencyKey: string, content = file) => weft.adapters.publish('style/once', content, { idempotencyKey })
  const first = await publish('one')
  expect(await publish('one')).toEqual(first)
  expect(replayed).toEqual([null, 'true'])
  expect((await weft.adapters.versions('style/once')).length).toBe(1)
  const other = await adapterFile({ value: 0.84 })
  await expect(publish('one', other)).rejects.toMatchObject({ status: 409, code: 'idempotency_key_reused', param: 'idempotency-key' })
  await expect(weft.adapters.publish('style/other', file, { idempotencyKey: 'one' })).rejects.toMatchObject({ code: 'idempotency_key_reused' })
  await publish('two', other)
  expect((await weft.adapters.versions('style/once')).length).toBe(2)
})

test('a job is created once, also where several ask at once', async () => {
  const { id: trainingFile } = await weft.files.upload({ content: '{"text":"a"}\n{"text":"b"}' })
  const create = () => weft.jobs.create({ model: 'base', trainingFile, suffix: 'style/idempotent' }, { idempotencyKey: 'job' })
  const answers = await Promise.allSettled([create(), create(), create()])
  const created = answers.flatMap((answer) => (answer.status === 'fulfilled' ? [answer.value.id] : []))
  expect(new Set(created).size).toBe(1)
  for (const answer of answers)
    if (answer.status === 'rejected') expect(answer.reason).toMatchObject({ status: 409, code: 'idempotency_key_in_use', retryAfter: 1 })
  expect((await create()).id).toBe(created[0])
  expect((await weft.jobs.list()).data.filter(({ suffix }) => suffix === 'style/idempotent').length).toBe(1)
})

test('what is refused makes nothing, and frees its key', async () => {
  const create = (trainingFile: string) => weft.jobs.create({ model: 'base', trainingFile, suffix: 'style/refused' }, { idempotencyKey: 'refused' })
  await expect(create('file-nobody')).rejects.toMatchObject({ status: 404 })
  const { id } = await weft.files.upload({ content: '{"text":"a"}\n{"text":"b"}' })
  expect((await create(id)).suffix).toBe('style/refused')
  const header = { authorization: 'Bearer weft-local', 'idempotency-key': 'x'.repeat(256), 'content-type': 'application/json' }
  const response = await exports.default.fetch(new Request('http://127.0.0.1/v1/batches', { method: 'POST', body: '{}', headers: header }))
  expect([response.status, ((await response.json()) as { error: { code: string } }).error.code]).toEqual([400, 'invalid_idempotency_key'])
})

/** As an edge leaves a request that it was killed over: what is made is made, and its key was never answered and is free. */
const killed = () => env.DB.prepare('DELETE FROM idempotency_keys').run()

test('what an edge made before it was killed, without having answered, is found again by the same request with its key', async () => {
  const content = '{"text":"a"}\n{"text":"b"}'
  const { id: trainingFile } = await weft.files.upload({ content })
  const line = { custom_id: '1', method: 'POST', url: '/v1/completions', body: { model: 'base', prompt: 'a' } }
  const { id: inputFileId } = await weft.files.upload({ content: JSON.stringify(line), purpose: 'batch' })
  const file = await adapterFile({ value: 0.85 })
  const make = {
    job: (idempotencyKey: string, seed = 1) => weft.jobs.create({ model: 'base', trainingFile, suffix: 'style/killed', seed }, { idempotencyKey }),
    batch: (idempotencyKey: string, n = 1) =>
      weft.batches.create({ inputFileId, endpoint: '/v1/completions', completionWindow: '24h', metadata: { n: `${n}` } }, { idempotencyKey }),
    adapter: (idempotencyKey: string) => weft.adapters.publish('style/killed-too', file, { idempotencyKey }),
  }
  for (const [what, again] of Object.entries(make)) {
    const first = await again(`killed-${what}`)
    await killed()
    replayed.length = 0
    expect([what, (await again(`killed-${what}`)).id, replayed.at(-1)]).toEqual([what, first.id, 'true'])
    // Its answer is kept now.
    expect((await again(`killed-${what}`)).id).toBe(first.id)
    // Another key makes another, and so does another request with a key that is free.
    expect((await again('another')).id).not.toBe(first.id)
    await killed()
    if (what !== 'adapter') expect((await make[what as 'job' | 'batch'](`killed-${what}`, 2)).id).not.toBe(first.id)
  }
  for (const { id } of (await weft.batches.list()).data) await weft.batches.cancel(id).catch(() => {})
  expect(await weft.adapters.versions('style/killed-too')).toMatchObject([
    { version: 2, jobId: null },
    { version: 1, jobId: null },
  ])
  // Who deletes it and asks again wants one that is there.
  await weft.adapters.delete('style/killed-too@1', { force: true })
  await killed()
  expect(await make.adapter('killed-adapter')).toMatchObject({ version: 3 })
})

test('a day later the same request with the same key makes another', async () => {
  const { id: trainingFile } = await weft.files.upload({ content: '{"text":"a"}\n{"text":"b"}' })
  const create = () => weft.jobs.create({ model: 'base', trainingFile, suffix: 'style/daily' }, { idempotencyKey: 'daily' })
  const at = Date.now()
  const days = async (n: number) => {
    vi.setSystemTime(at + n * 86_400_000)
    await killed()
    return (await create()).id
  }
  vi.useFakeTimers({ toFake: ['Date'] })
  try {
    const first = await days(0)
    expect(await days(0.9)).toBe(first)
    const second = await days(1.01)
    expect(second).not.toBe(first)
    expect(await days(1.5)).toBe(second)
    expect([first, second]).not.toContain(await days(3))
  } finally {
    vi.useRealTimers()
  }
})
