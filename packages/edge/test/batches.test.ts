import { abortAllDurableObjects, createScheduledController } from 'cloudflare:test'
import { env } from 'cloudflare:workers'
import { beforeEach, expect, test } from 'vitest'
import type { Environment } from '../src/environment.ts'
import { secondOfFile } from '../src/identifiers.ts'
import worker from '../src/index.ts'
import { edge, generated, json, post, script, seen, until } from './edge.ts'

beforeEach(() => script())

const requests = (count: number) =>
  Array.from({ length: count }, (_, n) => ({ custom_id: `r${n}`, method: 'POST', url: '/v1/completions', body: { model: 'base', prompt: `p${n}` } }))

async function create(lines: unknown[]) {
  const form = new FormData()
  form.set('purpose', 'batch')
  form.set('file', new File([lines.map((line) => JSON.stringify(line)).join('\n')], 'in.jsonl'))
  const { id } = await json(edge('/v1/files', { method: 'POST', body: form }))
  return json(post('/v1/batches', { input_file_id: id, endpoint: '/v1/completions', completion_window: '24h' }))
}
const batch = (id: string) => json(edge(`/v1/batches/${id}`))
const completed = (id: string) =>
  until(async () => {
    const now = await batch(id)
    return now.status === 'completed' && now
  })

test('a batch survives restarts of the edge, and its results are a file', async () => {
  await script({ ...generated(), times: 0, delayMs: 10 })
  const { id } = await create(requests(40))
  await until(async () => (await batch(id)).request_counts.completed >= 10)
  await abortAllDurableObjects()
  await until(async () => {
    await worker.scheduled(createScheduledController(), env as Environment)
    return (await batch(id)).request_counts.completed >= 25
  })
  await abortAllDurableObjects()
  await edge('/health')
  const { output_file_id, error_file_id, request_counts } = await completed(id)
  expect({ error_file_id, request_counts }).toEqual({ error_file_id: null, request_counts: { total: 40, completed: 40, failed: 0 } })
  expect((await json(edge(`/v1/files/${output_file_id}`))).created_at).toBe(secondOfFile(output_file_id))
  const content = await (await edge(`/v1/files/${output_file_id}/content`)).text()
  const results = content
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line))
  expect(results.map(({ custom_id }) => custom_id)).toEqual(requests(40).map(({ custom_id }) => custom_id))
  expect(results[0].response.body).toMatchObject({ choices: [{ text: ' fellow citizens' }] })
  // Six at once were in hands at each of two restarts.
  expect((await seen()).length).toBeLessThanOrEqual(40 + 12)
})

test('a line that is not UTF-8 is told with its number', async () => {
  const lines = requests(2).map((line) => JSON.stringify(line))
  const form = new FormData()
  form.set('purpose', 'batch')
  form.set('file', new File([`${lines[0]}\n`, Uint8Array.from(lines[1]!.replace('p1', 'caf\u00e9'), (letter) => letter.charCodeAt(0))], 'in.jsonl'))
  const { id: file } = await json(edge('/v1/files', { method: 'POST', body: form }))
  const { id } = await json(post('/v1/batches', { input_file_id: file, endpoint: '/v1/completions', completion_window: '24h' }))
  const { errors } = await until(async () => {
    const now = await batch(id)
    return now.status === 'failed' && now
  })
  expect(errors.data).toEqual([{ code: 'invalid_json_line', message: 'The line cannot be read as JSON: it is not UTF-8', param: null, line: 2 }])
})

test('a model that no endpoint could read is found before anything is answered; one that may be published by then is not', async () => {
  const naming = (model: string) => ({ ...requests(1)[0]!, custom_id: model, body: { model, prompt: 'p' } })
  const { id } = await create([naming('batch/nobody'), naming('a + + b'), naming('experts(a, b')])
  const { errors, request_counts } = await until(async () => {
    const now = await batch(id)
    return now.status === 'failed' && now
  })
  expect(request_counts.completed).toBe(0)
  expect(errors.data).toEqual([
    { code: 'expression_syntax', message: expect.any(String), param: 'body.model', line: 2 },
    { code: 'expression_syntax', message: expect.any(String), param: 'body.model', line: 3 },
  ])
})

test('a batch whose wake was lost goes on when somebody asks for it', async () => {
  await script({ ...generated(), times: 0 })
  const { id } = await create(requests(2))
  await completed(id)
  // The edge was killed after it had written the row, and before its queue had the message.
  const lost = `${id}-lost`
  const row = await env.DB.prepare('SELECT record FROM batches WHERE id = ?').bind(id).first<{ record: string }>()
  const { batch, ...rest } = JSON.parse(row!.record) as { batch: object }
  const record = JSON.stringify({ ...rest, models: [], batch: { ...batch, id: lost, status: 'validating' } })
  await env.DB.prepare(
    "INSERT INTO batches (id, tenant, status, record, created_at) SELECT ?2, tenant, 'validating', ?3, created_at FROM batches WHERE id = ?1",
  )
    .bind(id, lost, record)
    .run()
  expect((await completed(lost)).request_counts).toMatchObject({ completed: 2 })
})

test('results larger than a row of the store and than a file may be come back whole', async () => {
  const text = 'long '.repeat(600_000)
  const answer = { text, tokens: [1], finish_reason: 'stop', usage: { prompt_tokens: 3, completion_tokens: 1, total_tokens: 4, virtual_tokens: 0 } }
  await script({ on: 'POST /generate', json: answer, times: 0 })
  const { id } = await create(requests(2))
  const { output_file_id } = await completed(id)
  const response = await edge(`/v1/files/${output_file_id}/content`)
  const lines = (await response.text()).trimEnd().split('\n')
  expect(lines.map((line) => JSON.parse(line).response.body.choices[0].text === text)).toEqual([true, true])
})

test('of texts in model fields, however many and long, nothing is written down with the batch', async () => {
  await script({ ...generated(), times: 0 })
  const models = Array.from({ length: 10 }, (_, n) => `${n % 2 ? '' : 'base + '}"${n} ${'long '.repeat(1500)}"`)
  const { id } = await create(requests(10).map((request, n) => ({ ...request, body: { ...request.body, model: models[n] } })))
  expect((await completed(id)).request_counts).toEqual({ total: 10, completed: 10, failed: 0 })
  const { record } = (await env.DB.prepare('SELECT record FROM batches WHERE id = ?').bind(id).first<{ record: string }>())!
  expect(record.length).toBeLessThan(2000)
  expect(JSON.parse(record).models).toEqual(['base'])
})

test('a route that a batch stands on is there to its end', async () => {
  await edge('/v1/routes/batched', { method: 'PUT', body: JSON.stringify({ composition: 'base' }) })
  await script({ ...generated(), times: 0, delayMs: 100 })
  const { id } = await create(requests(30).map((request) => ({ ...request, body: { ...request.body, model: 'batched' } })))
  await until(async () => (await batch(id)).request_counts.completed >= 1)
  const remove = () => json(edge('/v1/routes/batched', { method: 'DELETE' }))
  expect(await remove()).toMatchObject({ http: 409, error: { code: 'route_in_use', details: { batches: [id] } } })
  expect((await completed(id)).request_counts).toEqual({ total: 30, completed: 30, failed: 0 })
  // Its end may be seen before it is kept.
  expect(await until(async () => ((await remove()) as { deleted?: boolean }).deleted)).toBe(true)
})
