import { rmSync } from 'node:fs'
import { type Composed, compositionKey, packComposition, readAdapter } from '@weft/adapters'
import promptTuning from '@weft/plugins/prompt-tuning'
import { refused } from '@weft/test/cases/serving/refused'
import { randomTensor, writeTinyLlama } from '@weft/test/models/tiny-llama'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { compositionRoot, tokens } from '../src/composition-root.ts'
import type { RunnerConfig } from '../src/config.ts'

const folder = writeTinyLlama()
const config: RunnerConfig = {
  models: { base: { source: folder } },
  host: '127.0.0.1',
  port: 0,
  device: 'cpu',
  threads: 1,
  trainingThreads: 1,
  maxBatch: 4,
  maxWaiting: 16,
  maxWaitingTokens: 100_000,
  prefillChunk: 64,
  compositionBytes: 4000,
  snapshotBytes: 1e6,
  uploadBytes: 100_000,
  logLevel: 'silent',
  plugins: [promptTuning],
}
const container = compositionRoot(config)
const app = container.get(tokens.server)
let fingerprint: string

beforeAll(async () => {
  expect(await (await app.request('/health')).json()).toMatchObject({
    status: 'starting',
    models: [],
    device: { name: 'cpu' },
    jobs: { running: 0, queued: 0 },
  })
  expect(await refused(generate({}))).toMatchObject({ status: 503, code: 'model_loading' })
  await container.get(tokens.models).load()
  const health = await (await app.request('/health')).json()
  expect(health).toMatchObject({
    status: 'ok',
    models: [{ name: 'base', architecture: 'llama', chat: false, spec: { hidden_size: 32, weights: { 'model.norm.weight': [32] } } }],
  })
  fingerprint = health.models[0].fingerprint
})
afterAll(async () => {
  await container.get(tokens.jobs).close()
  await container.get(tokens.models).close()
  rmSync(folder, { recursive: true })
})

const generate = (body: object) =>
  app.request('/generate', {
    method: 'POST',
    body: JSON.stringify({ model: 'base', composition: null, prompt: { text: 'the boat' }, max_tokens: 6, temperature: 0, ...body }),
  })
const answer = async (body: object) => (await generate(body)).json() as Promise<any>

const keyOf = async (name: string) => compositionKey(fingerprint, { text: name } as Parameters<typeof compositionKey>[1])
const rows = (P: number, seed: string): Composed => ({ segments: [{ kind: 'rows', rows: randomTensor([P, 32], seed, 0.4) }], sites: {}, longestPrefix: 0 })
const put = (key: string, body: Uint8Array<ArrayBuffer>) => app.request(`/compositions/${key}`, { method: 'PUT', body })
const pack = (composed: Composed) => packComposition(composed, { fingerprint })

describe('generate', () => {
  test('answers in one piece', async () => {
    expect(await answer({ logprobs: 2 })).toMatchObject({
      text: expect.any(String),
      tokens: expect.any(Array),
      finish_reason: 'length',
      usage: { completion_tokens: 6, prompt_tokens: 6, total_tokens: 12 },
      logprobs: expect.any(Array),
    })
  })

  test('log-probabilities come with ids, exact bytes and offsets', async () => {
    const { text, tokens, logprobs } = await answer({ logprobs: 2 })
    let offset = 0
    for (const [i, entry] of logprobs.entries()) {
      const { token, id, bytes, logprob, text_offset, top_logprobs } = entry
      expect({ id, text_offset, token, logprob }).toEqual({
        id: tokens[i],
        text_offset: offset,
        token: Buffer.from(bytes).toString(),
        logprob: expect.any(Number),
      })
      expect(top_logprobs[0]).toEqual({ token, id, bytes, logprob })
      expect(top_logprobs).toHaveLength(2)
      offset += token.length
    }
    expect(Buffer.from(logprobs.flatMap(({ bytes }: any) => bytes)).toString()).toBe(text)
  })

  test('streams the same', async () => {
    const response = await generate({ stream: true })
    expect(response.headers.get('content-type')).toMatch(/^text\/event-stream/)
    const events = (await response.text())
      .trim()
      .split('\n\n')
      .map((event) => JSON.parse(event.replace(/^data: /, '')))
    const whole = await answer({})
    expect(
      events
        .slice(0, -1)
        .map(({ text }) => text)
        .join(''),
    ).toBe(whole.text)
    expect(events.at(-1)).toEqual({ finish_reason: whole.finish_reason, usage: whole.usage })
  })

  test('a reader that leaves frees the row', async () => {
    const response = await generate({ stream: true, max_tokens: 300 })
    const reader = response.body!.getReader()
    await reader.read()
    await reader.cancel()
    const { engine } = container.get(tokens.models).ready[0]
    await engine.idle()
    expect(engine.load.active).toBe(0)
  })

  test('messages are rendered and answered', async () => {
    expect(await answer({ prompt: { messages: [{ role: 'user', content: 'hi' }] } })).toMatchObject({ finish_reason: 'length' })
  })
})

describe('compositions', () => {
  test('are asked for by 424, taken in, and used', async () => {
    const key = await keyOf('a')
    expect(await refused(generate({ composition: key }))).toMatchObject({ status: 424, code: 'composition_not_held', details: { key } })
    expect((await put(key, pack(rows(3, 'a')))).status).toBe(204)
    const composed = await answer({ composition: key })
    expect(composed.usage).toMatchObject({ prompt_tokens: 6, virtual_tokens: 3 })
    expect(composed.text).not.toBe((await answer({})).text)
    expect(await answer({ composition: key })).toEqual(composed)
  })

  test('the one not used longest gives way, is asked for again and answers as before', async () => {
    const [first, second, ...others] = await Promise.all(['first', 'second', 'third', 'fourth', 'fifth', 'sixth'].map(keyOf))
    await put(first, pack(rows(8, 'first')))
    const before = await answer({ composition: first })
    await put(second, pack(rows(8, 'second')))
    expect(await answer({ composition: first })).toEqual(before)
    for (const key of others.slice(0, 2)) await put(key, pack(rows(8, key)))
    // Three fit: the fourth took the place of the second, since the first had been used after it.
    expect(await refused(generate({ composition: second }))).toMatchObject({ status: 424 })
    expect(await answer({ composition: first })).toEqual(before)
    for (const key of others) await put(key, pack(rows(8, key)))
    expect(await refused(generate({ composition: first }))).toMatchObject({ status: 424 })
    expect((await put(first, pack(rows(8, 'first')))).status).toBe(204)
    expect(await answer({ composition: first })).toEqual(before)
  })

  test.each<[string, number, string, () => Uint8Array<ArrayBuffer>]>([
    [
      'NaN',
      422,
      'tensor_',
      () => {
        const c = rows(2, 'x')
        ;(c.segments[0] as any).rows.data[5] = NaN
        return pack(c)
      },
    ],
    [
      'infinity',
      422,
      'tensor_',
      () => {
        const c = rows(2, 'x')
        ;(c.segments[0] as any).rows.data[5] = Infinity
        return pack(c)
      },
    ],
    [
      'an enormous norm',
      422,
      'tensor_',
      () => {
        const c = rows(2, 'x')
        ;(c.segments[0] as any).rows.data.fill(1e30)
        return pack(c)
      },
    ],
    ['a wrong shape', 422, 'tensor_', () => pack({ segments: [{ kind: 'rows', rows: randomTensor([2, 31], 'x') }], sites: {}, longestPrefix: 0 })],
    [
      'a prefix for other heads',
      422,
      'tensor_',
      () => pack({ segments: [], sites: { keyValue: { prefix: randomTensor([2, 2, 4, 3, 8], 'x') } }, longestPrefix: 3 }),
    ],
    ['truncated bytes', 422, 'file_', () => pack(rows(2, 'x')).slice(0, -8)],
    ['bytes that are no safetensors', 422, 'file_', () => new TextEncoder().encode('\x80\x04\x95 a pickle, say')],
    ['another base model', 409, 'wrong_base_model', () => packComposition(rows(2, 'x'), { fingerprint: '0'.repeat(64) })],
    ['more bytes than are kept', 413, 'body_too_large', () => pack(rows(40, 'x'))],
  ])('%s is refused and not held', async (name, status, code, bytes) => {
    const key = await keyOf(name)
    expect(await refused(put(key, bytes()))).toMatchObject({ status, code: expect.stringContaining(code) })
    expect(await refused(generate({ composition: key }))).toMatchObject({ status: 424 })
  })

  test('a key that is none is refused', async () => {
    expect(await refused(put('..%2Fetc', pack(rows(1, 'x'))))).toMatchObject({ status: 400, code: 'invalid_composition_key' })
    expect(await refused(generate({ composition: 'x' }))).toMatchObject({ status: 400, code: 'invalid_composition_key' })
  })
})

describe('classify and score', () => {
  test('a head gives classes; without one the request says what is missing', async () => {
    const key = await keyOf('head')
    const weight = randomTensor([2, 32], 'head')
    expect((await put(key, pack({ segments: [], sites: { head: { weight } }, longestPrefix: 0, labels: ['Ham', 'spamMail'] }))).status).toBe(204)
    const post = (body: object) => app.request('/classify', { method: 'POST', body: JSON.stringify({ model: 'base', inputs: ['win', 'meet'], ...body }) })
    const { results, usage } = (await (await post({ composition: key })).json()) as any
    expect(results).toHaveLength(2)
    expect(Object.keys(results[0].scores)).toEqual(['Ham', 'spamMail'])
    expect(usage.prompt_tokens).toBeGreaterThan(0)
    expect(await refused(post({ composition: null }))).toMatchObject({ status: 422, code: 'head_missing' })
  })

  test('scores', async () => {
    const {
      results: [result],
    } = (await (
      await app.request('/score', { method: 'POST', body: JSON.stringify({ model: 'base', composition: null, texts: ['the weft'], token_logprobs: true }) })
    ).json()) as any
    expect(result.perplexity).toBeCloseTo(Math.exp(-result.logprob / result.tokens), 6)
    expect(result.token_logprobs).toHaveLength(result.tokens)
  })
})

describe('bad requests', () => {
  test.each<[string, () => Response | Promise<Response>, object]>([
    ['an unknown model', () => generate({ model: 'bass' }), { status: 404, code: 'model_not_found', param: 'model', details: { models: ['base'] } }],
    ['no JSON', () => app.request('/generate', { method: 'POST', body: '{"model":' }), { status: 400, code: 'invalid_json' }],
    ['no UTF-8', () => app.request('/generate', { method: 'POST', body: Uint8Array.of(0x22, 0xff, 0x22) }), { status: 400, code: 'invalid_json' }],
    ['a wrong field', () => generate({ max_tokens: 0 }), { status: 400, code: 'invalid_request', param: 'max_tokens' }],
    ['a missing field', () => generate({ prompt: undefined }), { status: 400, code: 'invalid_request' }],
    [
      'a prompt longer than the context',
      () => generate({ prompt: { tokens: Array(385).fill(1) } }),
      { status: 400, code: 'context_length_exceeded', details: { needed: 385, limit: 384 } },
    ],
    ['the same, streamed', () => generate({ stream: true, prompt: { tokens: Array(385).fill(1) } }), { status: 400, code: 'context_length_exceeded' }],
    ['a token that is none', () => generate({ prompt: { tokens: [101] } }), { status: 400, code: 'token_out_of_range' }],
    [
      'a text that would take seconds to tokenize',
      () => generate({ prompt: { text: 'a'.repeat(1_000_001) } }),
      { status: 400, code: 'text_too_long', param: 'prompt' },
    ],
    [
      'the same as messages',
      () => generate({ prompt: { messages: Array(3).fill({ role: 'user', content: 'a'.repeat(400_000) }) } }),
      { status: 400, code: 'text_too_long', param: 'messages' },
    ],
    ['a stop string of a megabyte', () => generate({ stop: ['a'.repeat(1e6)] }), { status: 400, code: 'invalid_request', param: 'stop[0]' }],
    ['too many stop strings', () => generate({ stop: Array(17).fill('a') }), { status: 400, code: 'invalid_request', param: 'stop' }],
    [
      'JSON nested too deep',
      () => app.request('/generate', { method: 'POST', body: `{"model":${'['.repeat(5000)}${']'.repeat(5000)}}` }),
      { status: 400, code: 'json_too_deep' },
    ],
    ['an empty prompt', () => generate({ prompt: { text: '' } }), { status: 400, code: 'empty_prompt' }],
    ['an unknown path', () => app.request('/generates'), { status: 404, code: 'route_not_found' }],
    ['an unknown job', () => app.request('/jobs/nobody'), { status: 404, code: 'job_not_found' }],
    ['a job that is no form', () => app.request('/jobs/a', { method: 'POST', body: 'x' }), { status: 400, code: 'invalid_form' }],
    [
      'a job without data',
      () => {
        const form = new FormData()
        form.set('spec', '{}')
        return app.request('/jobs/a', { method: 'POST', body: form })
      },
      { status: 422, code: 'body_part_missing', param: 'training' },
    ],
    [
      'a job with an invalid specification',
      () => submit('a', { ...spec(), method: undefined }, lines(4)),
      { status: 400, code: 'invalid_request', param: 'method' },
    ],
    ['a job over the limit', () => submit('a', spec(), 'x'.repeat(100_001)), { status: 413, code: 'body_too_large' }],
  ])('%s', async (_, request, expected) => expect(await refused(request())).toMatchObject(expected))
})

const lines = (n: number) => Array.from({ length: n }, (_, i) => JSON.stringify({ text: `the weft goes over and under ${i}` })).join('\n')
const spec = (over: object = {}) => ({
  job_id: 'ftjob-1',
  name: 'style/a',
  model: { name: 'base', fingerprint },
  method: 'prompt-tuning',
  config: { num_virtual_tokens: 4 },
  task: 'CAUSAL_LM',
  hyperparameters: { max_steps: 6, batch_size: 4, checkpoint_every: 2, ...over },
  seed: 1,
})
async function submit(id: string, jobSpec: object, training: string, files: Record<string, Uint8Array<ArrayBuffer>> = {}) {
  const form = new FormData()
  form.set('spec', JSON.stringify(jobSpec))
  form.set('training', new Blob([training]))
  for (const [name, bytes] of Object.entries(files)) form.set(name, new Blob([bytes]))
  const encoded = new Response(form)
  return app.request(`/jobs/${id}`, { method: 'POST', body: await encoded.arrayBuffer(), headers: { 'content-type': encoded.headers.get('content-type')! } })
}
const job = async (id: string, after = 0) => (await app.request(`/jobs/${id}?after=${after}`)).json() as Promise<any>
async function ended(id: string) {
  for (;;) {
    const view = await job(id)
    if (['succeeded', 'failed', 'cancelled'].includes(view.status)) return view
    await new Promise((resolve) => setTimeout(resolve, 20))
  }
}
const bytesOf = async (path: string) => new Uint8Array(await (await app.request(path)).arrayBuffer())

describe('jobs', () => {
  test('one trains, tells of it, and leaves an adapter that can be read; a second waits', async () => {
    const first = await submit('one', spec(), lines(12))
    expect(first.status).toBe(202)
    expect(await first.json()).toMatchObject({ id: 'one', status: 'queued' })
    await submit('two', { ...spec(), seed: 2 }, lines(12))
    expect(['queued', 'running', 'succeeded']).toContain((await job('two')).status)
    // Inference goes on while it trains.
    expect((await answer({})).tokens).toHaveLength(6)
    const one = await ended('one')
    expect(one).toMatchObject({
      status: 'succeeded',
      step: 6,
      total_steps: 6,
      loss: expect.any(Number),
      eta_s: 0,
      checkpoint_step: expect.any(Number),
      trained_tokens: expect.any(Number),
    })
    expect(one.events.map(({ seq }: any) => seq)).toEqual(one.events.map((_: unknown, i: number) => i + 1))
    expect(one.events.filter(({ type }: any) => type === 'metrics').length).toBeGreaterThanOrEqual(6)
    expect((await job('one', one.events.length - 2)).events).toEqual(one.events.slice(-2))
    const adapter = await readAdapter(await bytesOf('/jobs/one/result'))
    expect(adapter.manifest).toMatchObject({ method: 'prompt-tuning', base: { fingerprint }, virtualTokens: { rows: 4, prefix: 0 } })
    expect((await ended('two')).status).toBe('succeeded')
  })

  test('the same job again is the same job; another under its id is refused', async () => {
    expect(await (await submit('one', spec(), lines(12))).json()).toMatchObject({ status: 'succeeded' })
    expect(await refused(submit('one', spec(), lines(13)))).toMatchObject({ status: 409, code: 'job_exists' })
  })

  test('a job resumed from a checkpoint ends with the same bytes', async () => {
    const checkpoint = await bytesOf('/jobs/one/checkpoint')
    await submit('resumed', spec(), lines(12), { checkpoint })
    const view = await ended('resumed')
    expect(view).toMatchObject({ status: 'succeeded', step: 6 })
    expect(view.events.some(({ message }: any) => /resumed at step/.test(message))).toBe(true)
    expect(Buffer.from(await bytesOf('/jobs/resumed/result')).equals(await bytesOf('/jobs/one/result'))).toBe(true)
  })

  test('jobs under one joint name train in one batch, and each leaves its own adapter', async () => {
    await Promise.all(['left', 'right'].map((id, seed) => submit(id, { ...spec(), seed, joint: 'pair' }, lines(12))))
    for (const id of ['left', 'right']) {
      const view = await ended(id)
      expect(view).toMatchObject({ status: 'succeeded', step: 6 })
      expect(view.events.map(({ message }: any) => message)).toContain('running, in one batch with 1 more')
      expect((await readAdapter(await bytesOf(`/jobs/${id}/result`))).manifest).toMatchObject({ method: 'prompt-tuning', virtualTokens: { rows: 4 } })
    }
  })

  test('a cancelled job stops, has no result and may be tried again', async () => {
    await submit('long', spec({ max_steps: 100_000 }), lines(12))
    while ((await job('long')).step < 3) await new Promise((resolve) => setTimeout(resolve, 10))
    expect((await app.request('/jobs/long', { method: 'DELETE' })).status).toBe(200)
    expect(await ended('long')).toMatchObject({ status: 'cancelled' })
    expect(await refused(app.request('/jobs/long/result'))).toMatchObject({ status: 404, code: 'result_not_ready' })
    expect((await submit('long', spec({ max_steps: 1 }), lines(12))).status).toBe(202)
    expect((await ended('long')).status).toBe('succeeded')
  })

  test.each<[string, () => Response | Promise<Response>, string]>([
    ['unknown-method', () => submit('unknown-method', { ...spec(), method: 'prompt-tunning' }, lines(4)), 'method_not_found'],
    ['malformed', () => submit('malformed', spec(), '{"text":"a"}\n{"text":'), 'training_file_malformed'],
    ['other-model', () => submit('other-model', { ...spec(), model: { name: 'base', fingerprint: 'f'.repeat(64) } }, lines(4)), 'wrong_base_model'],
    ['pickle', () => submit('pickle', spec(), lines(12), { checkpoint: new TextEncoder().encode('\x80\x04 pickle') }), 'unreadable_checkpoint'],
  ])('%s fails with its code, and the next one still runs', async (id, request, code) => {
    expect((await request()).status).toBe(202)
    const view = await ended(id)
    expect(view).toMatchObject({ status: 'failed', error: { code, message: expect.any(String) } })
    expect(view.events.at(-1)).toMatchObject({ level: 'error' })
  })
})

test('with a token only its bearer is answered', async () => {
  const guarded = compositionRoot({ ...config, token: 'secret' }).get(tokens.server)
  const ask = (authorization?: string) => guarded.request('/health', authorization ? { headers: { authorization } } : {})
  expect(await refused(ask())).toMatchObject({ status: 401, code: 'unauthorized' })
  expect(await refused(ask('Bearer secreT'))).toMatchObject({ status: 401 })
  expect((await ask('Bearer secret')).status).toBe(200)
})

test('without a token only this machine is answered', async () => {
  const from = (remoteAddress: string) => app.request('/health', {}, { incoming: { socket: { remoteAddress } } } as never)
  for (const address of ['127.0.0.1', '::1', '::ffff:127.0.0.1']) expect((await from(address)).status).toBe(200)
  expect(await refused(from('192.0.2.7'))).toMatchObject({ status: 401, code: 'loopback_only' })
})
