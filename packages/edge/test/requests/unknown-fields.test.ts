import { beforeEach, describe, expect, test } from 'vitest'
import { ignoredFields } from '../../src/http/ignored-fields.ts'
import { edge, generated, json, post, script, seen } from '../edge.ts'
import { create, upload } from '../jobs/job-steps.ts'

beforeEach(() => script({ ...generated(), times: 0 }))

const messages = [{ role: 'user', content: 'Hello' }]
const chat = (rest: object) => json(post('/v1/chat/completions', { model: 'base', messages, ...rest }))
const completion = (rest: object) => json(post('/v1/completions', { model: 'base', prompt: 'My', ...rest }))

describe('a field that an endpoint does not know is refused, with the nearest that it does', () => {
  const bodies: [path: string, body: object, param: string, meant?: string][] = [
    ['/v1/chat/completions', { model: 'base', messages, max_token: 5 }, 'max_token', 'max_tokens'],
    ['/v1/chat/completions', { model: 'base', messages, temprature: 0 }, 'temprature', 'temperature'],
    ['/v1/chat/completions', { model: 'base', messages, guided_json: {} }, 'guided_json'],
    ['/v1/chat/completions', { model: 'base', messages: [{ role: 'user', contnet: 'a', content: 'b' }] }, 'messages[0].contnet', 'content'],
    [
      '/v1/chat/completions',
      { model: 'base', messages, stream: true, stream_options: { include_usages: true } },
      'stream_options.include_usages',
      'include_usage',
    ],
    ['/v1/completions', { model: 'base', prompt: 'a', maxTokns: 5 }, 'maxTokns', 'max_tokens'],
    ['/v1/classify', { model: 'base', inputs: ['a'], input: 'a' }, 'inputs', 'input'],
    ['/v1/score', { model: 'base', input: 'a', token_logprob: true }, 'token_logprob', 'token_logprobs'],
    ['/v1/embeddings', { model: 'base', input: 'a', encoding: 'float' }, 'encoding'],
    ['/v1/calibrations', { model: 'base', input: [], choice: ['a', 'b'] }, 'choice', 'choices'],
    ['/v1/compositions/explain', { model: 'base', modle: 'a' }, 'modle', 'model'],
    ['/v1/fine_tuning/jobs', { model: 'base', training_file: 'file-a', suffix: 'a', method: { type: 'lora' }, hyperparams: {} }, 'hyperparams'],
    [
      '/v1/fine_tuning/jobs',
      { model: 'base', training_file: 'file-a', suffix: 'a', method: { type: 'lora' }, hyperparameters: { max_step: 3 } },
      'hyperparameters.max_step',
      'max_steps',
    ],
  ]
  test.each(bodies)('%s %j', async (path, body, param, meant) => {
    const { http, error } = await json(post(path, body))
    expect({ http, code: error.code, param: error.param }).toEqual({ http: 400, code: 'invalid_request', param })
    if (meant) expect(error.message).toContain(`did you mean "${meant}"?`)
    expect((await seen()).length).toBe(0)
  })

  test.each([
    ['/v1/files?limt=3', 'limt', 'limit'],
    ['/v1/fine_tuning/jobs?before=x', 'before'],
    ['/v1/fine_tuning/jobs/ftjob-x/events?ordre=asc', 'ordre', 'order'],
    ['/v1/fine_tuning/jobs?metadata=null', 'metadata'],
    ['/v1/fine_tuning/jobs?metadata[team]=speech_writers', 'metadata[team]'],
    ['/v1/models?limit=3', 'limit'],
    ['/v1/adapters?nam=x', 'nam'],
    ['/v1/routes?x=1', 'x'],
    ['/v1/files?limit=3&limit=4', 'limit'],
    ['/v1/files?limit=1.5', 'limit'],
    ['/v1/files?limit=abc', 'limit'],
    ['/v1/files?limit=', 'limit'],
    ['/v1/files?order=up', 'order'],
    ['/v1/batches?order=asc', 'order'],
    ['/v1/fine_tuning/jobs?order=asc', 'order'],
  ])('GET %s', async (path, param, meant?: string) => {
    const { http, error } = await json(edge(path))
    expect({ http, code: error.code, param: error.param }).toEqual({ http: 400, code: 'invalid_request', param })
    if (meant) expect(error.message).toContain(`did you mean "${meant}"?`)
    expect(error.message).not.toContain('NaN')
  })

  test('a form', async () => {
    const send = (extra: Record<string, string>) => {
      const form = new FormData()
      form.set('purpose', 'fine-tune')
      form.set('file', new File(['{"text": "a"}\n'], 'a.jsonl'))
      for (const [name, value] of Object.entries(extra)) form.append(name, value)
      return json(edge('/v1/files', { method: 'POST', body: form }))
    }
    expect(await send({ user: 'me' })).toMatchObject({ http: 200 })
    expect(await send({ purposes: 'x' })).toMatchObject({ http: 400, error: { param: 'purposes', message: expect.stringContaining('"purpose"') } })
    expect(await send({ purpose: 'assistants' })).toMatchObject({ http: 400, error: { param: 'purpose' } })
  })

  test('a body where none is taken', async () => {
    const { id } = await create({ suffix: 'style/bodiless' })
    const cancel = (body: string) => json(edge(`/v1/fine_tuning/jobs/${id}/cancel`, { method: 'POST', body }))
    expect(await cancel('{"reason": "late"}')).toMatchObject({ http: 400, error: { code: 'unexpected_body' } })
    expect(await cancel('{}')).toMatchObject({ http: 200, status: 'cancelled' })
  })

  test('a body of any change that takes none', async () => {
    const { paths } = (await json(edge('/openapi.json'))) as { paths: Record<string, Record<string, { requestBody?: object }>> }
    const asked = Object.entries(paths).flatMap(([path, operations]) =>
      Object.entries(operations).flatMap(([verb, { requestBody }]) => (verb === 'get' || requestBody ? [] : [{ path, method: verb.toUpperCase() }])),
    )
    expect(asked).toEqual(expect.arrayContaining([{ path: '/v1/adapters/{name}/aliases/{alias}', method: 'DELETE' }]))
    for (const { path, method } of asked) {
      const query = path === '/v1/shares' ? '?prefix=a/&reader=b' : ''
      const answer = await json(edge(path.replaceAll(/\{\w+\}/g, 'x') + query, { method, body: '{"expected": 3}' }))
      expect(answer, `${method} ${path}`).toMatchObject({ http: 400, error: { code: 'unexpected_body' } })
    }
  })
})

test('what is ignored on purpose is one list, the same everywhere, and in the document', async () => {
  const ignored = Object.fromEntries(Object.keys(ignoredFields).map((name) => [name, name === 'metadata' ? { a: 'b' } : 'x']))
  expect(await chat(ignored)).toMatchObject({ http: 200 })
  expect(await completion(ignored)).toMatchObject({ http: 200 })
  expect(await json(post('/v1/compositions/explain', { model: 'base', ...ignored }))).toMatchObject({ http: 200 })
  expect(await json(edge('/v1/files?user=me'))).toMatchObject({ http: 200 })
  const { paths } = await json(edge('/openapi.json'))
  for (const path of ['/v1/chat/completions', '/v1/classify', '/v1/score']) {
    const { schema } = paths[path].post.requestBody.content['application/json']
    expect(schema.additionalProperties).toBe(false)
    for (const [name, why] of Object.entries(ignoredFields)) expect(schema.properties[name].description).toContain(why)
  }
})

test('what asks for nothing else than happens anyway is taken, and anything more is refused', async () => {
  expect(
    await chat({ n: 1, tools: [], tool_choice: 'none', response_format: { type: 'text' }, min_p: 0, logit_bias: {}, reasoning_effort: null }),
  ).toMatchObject({
    http: 200,
  })
  expect(await chat({ messages: [...messages, { role: 'assistant', content: 'Hi', refusal: null, annotations: [], tool_calls: null }] })).toMatchObject({
    http: 200,
  })
  for (const [field, value] of Object.entries({ best_of: 2, functions: [{}], reasoning_effort: 'high', echo: true, modalities: ['audio'] }))
    expect(await chat({ [field]: value })).toMatchObject({ http: 400, error: { code: 'unsupported_parameter', param: field } })
  expect((await chat({ modalities: ['audio'] })).error.message).toBe('modalities: only `["text"]` is accepted here.')
  expect((await chat({ echo: true })).error.message).toBe('echo: only `false` is accepted here: /v1/score gives the log-probabilities of a prompt.')
  expect((await completion({ suffix: 'z' })).error.message).toBe('suffix: this parameter is not supported here. Leave it out.')
  expect(await chat({ messages: [{ role: 'assistant', content: 'x', tool_calls: [{ id: 'a' }] }] })).toMatchObject({
    http: 400,
    error: { code: 'invalid_request', param: 'messages[0].tool_calls[0].type' },
  })
})

test('fields that only mean something beside another are refused without it', async () => {
  expect(await chat({ top_logprobs: 3 })).toMatchObject({ http: 400, error: { param: 'top_logprobs' } })
  expect(await chat({ stream_options: { include_usage: true } })).toMatchObject({ http: 400, error: { param: 'stream_options' } })
  expect(await chat({ max_tokens: 3, max_completion_tokens: 4 })).toMatchObject({ http: 400, error: { param: 'max_tokens' } })
  expect(await chat({ max_tokens: 4, max_completion_tokens: 4 })).toMatchObject({ http: 200 })
})

test("a job keeps its caller's labels", async () => {
  const job = await create({ suffix: 'style/labelled', metadata: { team: 'speech_writers' } })
  expect(job).toMatchObject({ http: 200, metadata: { team: 'speech_writers' } })
  expect(await json(edge(`/v1/fine_tuning/jobs/${job.id}`))).toMatchObject({ metadata: { team: 'speech_writers' } })
  await edge(`/v1/fine_tuning/jobs/${job.id}/cancel`, { method: 'POST' })
  expect(await create({ metadata: { team: 'x'.repeat(513) }, training_file: await upload('{"text": "a"}\n') })).toMatchObject({ http: 400 })
})

test('null of a field that may be absent leaves it out, and of one that must be there is refused', async () => {
  const phases = { on: null, from: null, partners: null, locality: null, pairs: null, document: null, pooling: null }
  expect(await create({ suffix: 'style/nulls', ...phases })).toMatchObject({ http: 200, suffix: 'style/nulls' })
  const within = { locality: { weight: null, probability: null }, hyperparameters: { n_epochs: null, max_steps: 3 } }
  const method = { type: 'prompt-tuning', 'prompt-tuning': { num_virtual_tokens: null } }
  const job = await create({ suffix: 'style/nulls-within', method, ...within })
  expect(job).toMatchObject({ http: 200, locality: { weight: 1 }, hyperparameters: { max_steps: 3 } })
  expect(job.method['prompt-tuning'].num_virtual_tokens).toBe(20)
  expect(await create({ training_file: null })).toMatchObject({ http: 400, error: { param: 'training_file' } })
  await script({ on: 'POST /score', json: { results: [{ tokens: 1, logprob: -1, perplexity: 2 }] } })
  expect(await json(post('/v1/score', { model: 'base', input: 'a', prompt: null, token_logprobs: null, stride: null }))).toMatchObject({ http: 200 })
  expect(await json(post('/v1/score', { model: null, input: 'a' }))).toMatchObject({ http: 400, error: { param: 'model' } })
})
