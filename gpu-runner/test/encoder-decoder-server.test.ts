import { canonical, compose, compositionKey, type LoadedAdapter, modelSpecSchema, packComposition, parse, parseWire, readAdapter, toWire } from '@weft/adapters'
import plugins from '@weft/plugins'
import { trainingSpecSchema } from '@weft/protocol'
import { writeTinyT5 } from '@weft/test/models/tiny-t5'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { tokens } from '../src/composition-root.ts'
import { tinyRunner } from './tiny-runner.test.setup.ts'

const runner = tinyRunner(writeTinyT5(), { compositionBytes: 1e6, plugins })
const { app, container } = runner
let fingerprint: string
beforeAll(async () => {
  await runner.load()
  const {
    models: [model],
  } = (await (await app.request('/health')).json()) as any
  fingerprint = model.fingerprint
  expect(model).toMatchObject({ architecture: 't5', spec: { tasks: ['SEQ_2_SEQ_LM'], encoder_decoder: { num_encoder_layers: 2, decoder_start_token_id: 0 } } })
  expect(parseWire(modelSpecSchema, model.spec).modules).toMatchObject({
    'decoder.block.2.layer.1.EncDecAttention.k': [18, 16],
    'encoder.block.0.layer.1.DenseReluDense.wo': [16, 24],
  })
})
afterAll(runner.close)

const post = async (path: string, body: object) => {
  const response = await app.request(path, { method: 'POST', body: JSON.stringify({ model: 'base', composition: null, ...body }) })
  return { status: response.status, body: (await response.json()) as any }
}

async function trained(id: string, method: string, config: object, rows: object[]): Promise<LoadedAdapter> {
  const form = new FormData()
  const spec = trainingSpecSchema.parse({
    jobId: id,
    name: `style/${id}`,
    model: { name: 'base', fingerprint },
    method,
    config,
    task: 'SEQ_2_SEQ_LM',
    seed: 1,
    required: [],
    hyperparameters: { batchSize: 8, maxSteps: 120, learningRate: 0.1, patience: 0 },
  })
  form.set('spec', JSON.stringify(toWire(trainingSpecSchema, spec)))
  form.set('training', new Blob([rows.map((row) => JSON.stringify(row)).join('\n')]), 'training.jsonl')
  expect((await app.request(`/jobs/${id}`, { method: 'POST', body: form })).status).toBe(202)
  for (;;) {
    const view = (await (await app.request(`/jobs/${id}`)).json()) as any
    if (['queued', 'running'].includes(view.status)) await new Promise((resolve) => setTimeout(resolve, 20))
    else if (view.status === 'succeeded') break
    else throw new Error(view.error?.message)
  }
  return readAdapter(new Uint8Array(await (await app.request(`/jobs/${id}/result`)).arrayBuffer()), {
    model: container.get(tokens.models).engine('base').model.spec,
  })
}

const held = async (expression: string, adapters: Record<string, LoadedAdapter>): Promise<string> => {
  const arranged = canonical(parse(expression), ({ name }) => ({ ref: name, digest: adapters[name].digest, sites: adapters[name].manifest.sites }))
  const key = await compositionKey(fingerprint, arranged)
  const composed = compose(
    arranged,
    new Map(Object.values(adapters).map((adapter) => [adapter.digest, adapter])),
    container.get(tokens.models).engine('base').model.spec,
  )
  expect((await app.request(`/compositions/${key}`, { method: 'PUT', body: packComposition(composed, { fingerprint }) })).status).toBe(204)
  return key
}

test('what is trained as jobs answers by itself and composed', async () => {
  const words = ['sea', 'wool', 'weft', 'warp', 'whale', 'thread']
  const rows = (completion: string) => Array.from({ length: 24 }, (_, i) => ({ prompt: `${words[i % 6]} ${words[(i * 5 + 1) % 6]}`, completion }))
  const adapters = {
    rows: await trained('rows', 'prompt-tuning', { numVirtualTokens: 6 }, rows('aye')),
    prefix: await trained('prefix', 'prefix-tuning', { numVirtualTokens: 4 }, rows('no')),
    layers: await trained('layers', 'lora', { r: 4, loraAlpha: 8 }, rows('aye')),
  }
  const keys = await Promise.all(['rows', 'prefix', 'layers', 'rows + prefix', '0.5*rows + 2*prefix + layers'].map((expression) => held(expression, adapters)))
  const likely = async (composition: string | null, text: string) =>
    (await post('/score', { composition, texts: [text], prompt: 'a whale' })).body.results[0].logprob as number
  for (const [key, text] of [
    [keys[0], 'aye'],
    [keys[1], 'no'],
    [keys[2], 'aye'],
  ] as const)
    expect(await likely(key, text)).toBeGreaterThan((await likely(null, text)) + 0.5)
  expect(new Set(await Promise.all(keys.map(async (key) => (await likely(key, 'aye')).toFixed(4)))).size).toBe(5)

  const request = { composition: keys[2], prompt: { text: 'a whale' }, max_tokens: 8, temperature: 0 }
  const { body: whole } = await post('/generate', request)
  expect(whole).toMatchObject({ text: 'aye', finish_reason: 'stop', usage: { prompt_tokens: 8, completion_tokens: 3 } })
  const streamed = await app.request('/generate', { method: 'POST', body: JSON.stringify({ model: 'base', ...request, stream: true }) })
  const events = (await streamed.text())
    .trim()
    .split('\n\n')
    .map((event) => JSON.parse(event.replace(/^data: /, '')))
  expect(
    events
      .slice(0, -1)
      .map(({ text }) => text)
      .join(''),
  ).toBe('aye')
  expect(events.at(-1)).toEqual({ finish_reason: whole.finish_reason, usage: whole.usage })
})

test('chats are answered, and classes are not', async () => {
  expect((await post('/generate', { prompt: { messages: [{ role: 'user', content: 'sea' }] }, max_tokens: 4, temperature: 0 })).body).toMatchObject({
    finish_reason: expect.any(String),
  })
  expect(await post('/classify', { inputs: ['a sea'] })).toMatchObject({
    status: 422,
    body: { error: { code: 'unsupported_task', message: expect.stringContaining('cannot classify. It can generate and score.') } },
  })
})

test('an answer says how long it stood in line, was read and was written', async () => {
  const counted = async () => {
    const lines = (await (await app.request('/metrics')).text()).split('\n')
    return ['queue', 'prefill', 'decode'].map((stage) =>
      Number(
        lines
          .find((line) => line.startsWith(`vllm:request_${stage}_time_seconds_count`))
          ?.split(' ')
          .at(-1) ?? 0,
      ),
    )
  }
  const before = await counted()
  await post('/generate', { prompt: { text: 'a whale' }, max_tokens: 4, temperature: 0 })
  expect(await counted()).toEqual(before.map((count) => count + 1))
})

test('an answer keeps to a grammar', async () => {
  const prompt = { text: 'ab' }
  const asked = { prompt, temperature: 1, seed: 3, max_tokens: 12 }
  const { status, body } = await post('/generate', { ...asked, grammar: { type: 'regex', regex: '[a-c]{3}(da|ad)' } })
  expect(status).toBe(200)
  expect(body.text).toMatch(/^[a-c]{3}(da|ad)$/)
  expect(await post('/generate', { ...asked, grammar: { type: 'choice', choice: ['{}'] } })).toMatchObject({
    status: 422,
    body: { error: { code: 'grammar_dead_end' } },
  })
})
