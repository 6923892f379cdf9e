import { exports } from 'cloudflare:workers'
import { WeftClient } from '@weft/client'
import { beforeEach, expect, test } from 'vitest'
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
