import { expect, test } from 'vitest'
import { tokens } from '../../src/tokens.ts'
import type { Step } from '../../test/scripted-runner.test.server.ts'
import { adapterFile } from '../../test/tiny-model.ts'
import { scriptedEdge, until } from './scripted-edge.test.setup.ts'

const { edge, root, script, seen } = scriptedEdge(2000)
const generations = async () => (await seen()).filter(({ path }) => path === '/generate')

const generated = (rest: Partial<Step> = {}): Step => ({
  on: 'POST /generate',
  json: { text: 'so', tokens: [1], finish_reason: 'stop', usage: { prompt_tokens: 3, completion_tokens: 1, total_tokens: 4, virtual_tokens: 0 } },
  times: 0,
  ...rest,
})
/** The runner has every composition. */
const held: Step = { on: 'PUT /compositions/', json: {}, times: 0 }
const refused = (status: number, code: string): Step => ({ on: 'POST /generate', status, json: { error: { code, message: 'no' } } })

const request = (n: number, rest: object = {}) => ({
  custom_id: `r${n}`,
  method: 'POST',
  url: '/v1/completions',
  body: { model: 'base', prompt: `p${n}` },
  ...rest,
})
const requests = (count: number) => Array.from({ length: count }, (_, n) => request(n))

async function create(lines: unknown[], rest: object = {}): Promise<any> {
  const form = new FormData()
  form.set('purpose', 'batch')
  form.set('file', new File([lines.map((line) => (typeof line === 'string' ? line : JSON.stringify(line))).join('\n')], 'in.jsonl'))
  const { id, text } = await edge('/v1/files', { method: 'POST', body: form })
  expect(id, text).toBeDefined()
  return edge('/v1/batches', {
    method: 'POST',
    body: JSON.stringify({ input_file_id: id, endpoint: '/v1/completions', completion_window: '24h', ...rest }),
  })
}

const ended = (id: string) =>
  until(async () => {
    const now = await edge(`/v1/batches/${id}`)
    return ['failed', 'completed', 'expired', 'cancelled'].includes(now.status) && now
  })
const linesOf = async (file: string): Promise<any[]> =>
  (await edge(`/v1/files/${file}/content`)).text
    .trimEnd()
    .split('\n')
    .map((line: string) => JSON.parse(line))

test('every request is answered once, in its place, and what is refused has a file of its own', async () => {
  await script(refused(400, 'context_length_exceeded'), generated())
  const batch = await create(requests(9), { metadata: { run: 'a' } })
  expect(batch).toMatchObject({ http: 200, object: 'batch', status: 'validating', output_file_id: null, metadata: { run: 'a' } })
  expect(await ended(batch.id)).toMatchObject({ status: 'completed', request_counts: { total: 9, completed: 8, failed: 1 }, errors: null })
  const { output_file_id, error_file_id } = await edge(`/v1/batches/${batch.id}`)
  const output = await linesOf(output_file_id)
  const errors = await linesOf(error_file_id)
  expect(errors).toMatchObject([{ response: { status_code: 400, body: { error: { code: 'context_length_exceeded' } } }, error: null }])
  const wanted = requests(9).map(({ custom_id }) => custom_id)
  expect(output.map(({ custom_id }) => custom_id)).toEqual(wanted.filter((id) => id !== errors[0].custom_id))
  expect(output[0]).toMatchObject({
    id: expect.stringMatching(/^batch_req-/),
    response: { status_code: 200, body: { object: 'text_completion', choices: [{ text: 'so' }], usage: { completion_tokens: 1 } } },
  })
  expect(await edge(`/v1/files/${output_file_id}`)).toMatchObject({ purpose: 'batch_output', rows: 8, digest: expect.stringMatching(/^sha256:/) })
  for (const purpose of ['batch', 'batch_output', 'fine-tune'])
    expect((await edge(`/v1/files?purpose=${purpose}`)).data).toHaveLength({ batch: 1, batch_output: 2 }[purpose] ?? 0)
  expect((await edge('/v1/batches')).data.map(({ id }: { id: string }) => id)).toEqual([batch.id])
  expect(await edge(`/v1/batches/${batch.id}/cancel`, { method: 'POST' })).toMatchObject({ http: 409, error: { code: 'batch_is_final' } })
})

test('an input that is wrong fails as a whole, with the line of each problem', async () => {
  await script(generated())
  const lines = [
    request(1),
    'no json',
    request(1),
    request(2, { url: '/v1/embeddings' }),
    request(3, { body: { model: 'base', prompt: 'a', temperatur: 1 } }),
    request(4, { body: { model: 'base', prompt: 'a', stream: true } }),
    request(5, { method: 'GET' }),
  ]
  const { id } = await create(lines)
  const { status, errors, output_file_id } = await ended(id)
  expect({ status, output_file_id }).toEqual({ status: 'failed', output_file_id: null })
  expect(errors.data.map(({ code, line }: { code: string; line: number }) => [code, line])).toEqual([
    ['invalid_json_line', 2],
    ['duplicate_custom_id', 3],
    ['mismatched_url', 4],
    ['invalid_request', 5],
    ['invalid_request', 6],
    ['invalid_request', 7],
  ])
  // Fields as they stand in the line.
  expect(errors.data.slice(3).map(({ param }: { param: string }) => param)).toEqual(['body.temperatur', 'body.stream', 'method'])
  expect(await ended((await create(['', ' '])).id)).toMatchObject({ status: 'failed', errors: { data: [{ code: 'empty_file', line: null }] } })
  expect(await generations()).toEqual([])
})

test("what a request's endpoint refuses is its answer, with the field as the endpoint names it", async () => {
  await script({ on: 'POST /generate', status: 400, json: { error: { code: 'context_length_exceeded', message: 'too long', param: 'prompt' } }, times: 0 })
  const { error_file_id } = await ended((await create(requests(1))).id)
  expect(await linesOf(error_file_id)).toMatchObject([
    { custom_id: 'r0', error: null, response: { status_code: 400, body: { error: { code: 'context_length_exceeded', param: 'prompt' } } } },
  ])
})

test('what is killed goes on, and asks again only what had no answer', async () => {
  await script(generated({ delayMs: 5 }))
  const { id } = await create(requests(60))
  for (let kills = 0; kills < 3; kills++) {
    await until(async () => (await edge(`/v1/batches/${id}`)).request_counts.completed >= 15 * (kills + 1))
    root().batchHosts.kill(id)
    await root().batchHosts.dispatcher.wake(id)
  }
  const { status, output_file_id } = await ended(id)
  expect(status).toBe('completed')
  expect((await linesOf(output_file_id)).map(({ custom_id }) => custom_id)).toEqual(requests(60).map(({ custom_id }) => custom_id))
  // Four at once were in hands at each of three kills, and the killed one begins as many more at most.
  expect((await generations()).length).toBeLessThanOrEqual(60 + 3 * 8)
})

test('a limit and a runner that is away are waited for; a request that no runner gets through is given up alone', async () => {
  await script(refused(429, 'too_many_requests'), refused(503, 'runner_unavailable'), generated())
  const first = await create(requests(6))
  expect(await ended(first.id)).toMatchObject({ status: 'completed', request_counts: { completed: 6, failed: 0 } })

  await script({ on: 'POST /generate', then: 'die', times: 0 })
  const second = await create(requests(1))
  const { error_file_id } = await ended(second.id)
  expect(await linesOf(error_file_id)).toMatchObject([{ custom_id: 'r0', response: null, error: { code: 'runner_unavailable' } }])
  expect((await generations()).length).toBeGreaterThanOrEqual(5)
})

test('a cancelled batch keeps what was answered', async () => {
  await script(generated({ times: 3 }), { on: 'POST /generate', then: 'hang', times: 0 })
  const { id } = await create(requests(20))
  await until(async () => (await edge(`/v1/batches/${id}`)).request_counts.completed === 3)
  expect(await edge(`/v1/batches/${id}/cancel`, { method: 'POST' })).toMatchObject({ http: 200, status: expect.stringMatching(/^cancell/) })
  const { status, output_file_id, cancelled_at } = await ended(id)
  expect({ status, cancelled_at }).toEqual({ status: 'cancelled', cancelled_at: expect.any(Number) })
  expect(await linesOf(output_file_id)).toHaveLength(3)
})

test('past its window a batch ends, and says so of every request without an answer', async () => {
  await script(generated({ times: 2 }), { on: 'POST /generate', then: 'hang', times: 0 })
  let now = 1_000_000
  root()
    .container.rebind(tokens.now)
    .toConstantValue(() => now)
  const { id, expires_at } = await create(requests(5), { completion_window: '30m' })
  expect(expires_at).toBe(1_000_000 + 1800)
  await until(async () => (await edge(`/v1/batches/${id}`)).request_counts.completed === 2)
  now += 1801
  root().batchHosts.kill(id)
  await root().batchHosts.dispatcher.wake(id)
  const { status, request_counts, error_file_id } = await ended(id)
  expect({ status, request_counts }).toEqual({ status: 'expired', request_counts: { total: 5, completed: 2, failed: 3 } })
  expect((await linesOf(error_file_id)).map(({ error }) => error.code)).toEqual(['batch_expired', 'batch_expired', 'batch_expired'])
})

test('a file in use is kept, and one of another purpose is no batch', async () => {
  await script({ on: 'POST /generate', then: 'hang', times: 0 })
  const { id, input_file_id } = await create(requests(2))
  expect(await edge(`/v1/files/${input_file_id}`, { method: 'DELETE' })).toMatchObject({ http: 409, error: { code: 'file_in_use', details: { jobs: [id] } } })
  await edge(`/v1/batches/${id}/cancel`, { method: 'POST' })
  await ended(id)
  expect(await edge(`/v1/files/${input_file_id}`, { method: 'DELETE' })).toMatchObject({ http: 200 })
  expect(await create(requests(1), { endpoint: '/v1/score' })).toMatchObject({ http: 400, error: { param: 'endpoint' } })
  expect(await create(requests(1), { completion_window: 'soon' })).toMatchObject({ http: 400, error: { param: 'completion_window' } })
  expect(await create(requests(1), { input_file_id: 'file-none' })).toMatchObject({ http: 404, error: { code: 'file_not_found' } })
})

test('a batch whose making failed is none, written or not', async () => {
  const { container } = root()
  const open = container.get(tokens.openStored)
  container.rebind(tokens.openStored).toConstantValue((tenant) => {
    const { batches, ...stores } = open(tenant)
    const create = async (record: Parameters<typeof batches.create>[0]) => {
      await batches.create(record)
      throw new Error('the answer is lost')
    }
    return { ...stores, batches: { ...batches, create } }
  })
  expect(await create(requests(2))).toMatchObject({ http: 500 })
  expect(await edge('/v1/batches')).toMatchObject({ http: 200, data: [] })
})

test('names, aliases and routes stand for one thing from the first line to the last, whatever is published meanwhile; the batch says for what', async () => {
  const publish = async (value: number) => edge('/v1/adapters?name=tone/pinned', { method: 'POST', body: await adapterFile({ value }) })
  const put = (path: string, body: object) => edge(path, { method: 'PUT', body: JSON.stringify(body) })
  await publish(0.61)
  await publish(0.62)
  await put('/v1/adapters/tone/pinned/aliases/prod', { version: 1 })
  await put('/v1/routes/pinned-route', { composition: '0.5*tone/pinned' })
  await script(held, generated({ delayMs: 10 }))
  const models = ['tone/pinned', 'tone/pinned@prod', 'pinned-route', 'tone/pinned@latest']
  const { id, references } = await create(Array.from({ length: 24 }, (_, n) => request(n, { body: { model: models[n % 4], prompt: `p${n}` } })))
  expect(references).toBeNull()
  const now = await until(async () => {
    const batch = await edge(`/v1/batches/${id}`)
    return batch.request_counts.completed >= 4 && batch
  })
  expect(now.status).toBe('in_progress')
  expect(now.references).toEqual([
    { reference: 'pinned-route', stands_for: 'pinned-route@1' },
    { reference: 'tone/pinned', stands_for: 'tone/pinned@2' },
    { reference: 'tone/pinned@prod', stands_for: 'tone/pinned@1' },
  ])
  await publish(0.63)
  await put('/v1/adapters/tone/pinned/aliases/prod', { version: 3 })
  await put('/v1/routes/pinned-route', { composition: 'base' })
  // What it stands on for its batch is not deleted, though nothing else stands for it any more.
  expect(await edge('/v1/adapters/tone/pinned@2', { method: 'DELETE' })).toMatchObject({ http: 409, error: { details: { used_by: [{ kind: 'batch', id }] } } })
  expect(await ended(id)).toMatchObject({ status: 'completed', request_counts: { completed: 24, failed: 0 } })
  const asked = (await generations()).map(({ body }) => body as { composition: string | null; prompt: { text: string } })
  const keys = models.map((_, of) => new Set(asked.filter(({ prompt }) => Number(prompt.text.slice(1)) % 4 === of).map(({ composition }) => composition)))
  expect(keys.map(({ size }) => size)).toEqual([1, 1, 1, 1])
  expect(keys[0]).toEqual(keys[3])
  expect(new Set(keys.flatMap((of) => [...of])).size).toBe(3)
  expect([...keys[2]!][0]).not.toBeNull()
})

test('a batch names a thousand different models at most', async () => {
  const { id } = await create(Array.from({ length: 1001 }, (_, n) => request(n, { body: { model: `t${n}`, prompt: 'p' } })))
  expect(await ended(id)).toMatchObject({ status: 'failed', errors: { data: [{ code: 'too_many_models', line: 1001 }] } })
})
