import { beforeEach, describe, expect, test } from 'vitest'
import { adapterFile, dataOf, edge, generated, json, post, publish, refusal, script, seen, streamed, until } from '../edge.ts'

const prompt = { model: 'base', prompt: 'My' }
const messages = [{ role: 'user', content: 'Hello' }]
const heldNot = refusal(424, 'composition_not_held', 'POST /generate')

beforeEach(() => script())

describe('completions', () => {
  test("have OpenAI's shape", async () => {
    await script(generated())
    const { http: status, id, created, ...rest } = await json(post('/v1/completions', { ...prompt, max_tokens: 5, stop: '\n', seed: 3, temperature: 0 }))
    expect(status).toBe(200)
    expect(id).toMatch(/^cmpl-/)
    expect(created).toBeTypeOf('number')
    expect(rest).toEqual({
      object: 'text_completion',
      model: 'base',
      choices: [{ index: 0, text: ' fellow citizens', finish_reason: 'stop', logprobs: null }],
      usage: { prompt_tokens: 3, completion_tokens: 2, total_tokens: 5, prompt_tokens_details: { cached_tokens: 1 }, virtual_tokens: 2 },
    })
    expect(await seen()).toMatchObject([
      {
        method: 'POST',
        path: '/generate',
        authorization: 'Bearer runner-token',
        body: { model: 'base', composition: null, prompt: { text: 'My' }, max_tokens: 5, stop: ['\n'], seed: 3, temperature: 0, stream: false },
      },
    ])
  })

  test('report log-probabilities in columns', async () => {
    const logprobs = [
      { token: ' a', logprob: -0.5, top_logprobs: [{ token: ' a', logprob: -0.5 }] },
      { token: 'b', logprob: -1, top_logprobs: [{ token: 'b', logprob: -1 }] },
    ]
    await script({ ...generated(' ab'), json: { ...(generated(' ab').json as object), logprobs } })
    const { choices } = await json(post('/v1/completions', { ...prompt, logprobs: 1 }))
    expect(choices[0].logprobs).toEqual({ tokens: [' a', 'b'], token_logprobs: [-0.5, -1], top_logprobs: [{ ' a': -0.5 }, { b: -1 }], text_offset: [0, 2] })
  })

  test('report them alike in a stream, whatever a token is spelled like', async () => {
    const logprobs = [' My', '\ufffd', 'snake_case'].map((token) => ({ token, logprob: -1, top_logprobs: [{ token, logprob: -1 }] }))
    await script(
      { ...generated(), json: { ...(generated().json as object), logprobs } },
      streamed({
        events: [
          ...logprobs.map((logprob, token) => ({ data: { token, text: token === 1 ? '' : logprob.token, logprob } })),
          { data: { finish_reason: 'stop', usage: { prompt_tokens: 3, completion_tokens: 3, total_tokens: 6 } } },
        ],
      }),
    )
    const whole = (await json(post('/v1/completions', { ...prompt, logprobs: 1 }))).choices[0].logprobs
    expect(whole.top_logprobs).toEqual([{ ' My': -1 }, { '\ufffd': -1 }, { snake_case: -1 }])
    const chunks = dataOf(await (await post('/v1/completions', { ...prompt, logprobs: 1, stream: true })).text())
      .slice(0, -1)
      .map((each) => JSON.parse(each).choices[0].logprobs)
    for (const column of ['tokens', 'token_logprobs', 'top_logprobs', 'text_offset'])
      expect(chunks.filter(Boolean).flatMap((chunk) => chunk[column])).toEqual(whole[column])
  })

  test('stream in chunks and end with [DONE]', async () => {
    await script(streamed())
    const response = await post('/v1/completions', { ...prompt, stream: true })
    expect(response.headers.get('content-type')).toContain('text/event-stream')
    const data = dataOf(await response.text())
    expect(data.at(-1)).toBe('[DONE]')
    const chunks = data.slice(0, -1).map((each) => JSON.parse(each))
    expect(chunks.map(({ choices }) => choices[0].text).join('')).toBe(' fellow citizens')
    expect(chunks.at(-1).choices[0].finish_reason).toBe('stop')
    expect(chunks.every((chunk) => !('usage' in chunk))).toBe(true)
  })
})

describe('chat', () => {
  test("has OpenAI's shape", async () => {
    await script(generated('Hi.'))
    const answer = await json(post('/v1/chat/completions', { model: 'base', messages, max_completion_tokens: 9 }))
    expect(answer).toMatchObject({
      http: 200,
      object: 'chat.completion',
      choices: [{ index: 0, message: { role: 'assistant', content: 'Hi.' }, finish_reason: 'stop', logprobs: null }],
    })
    expect((await seen())[0]!.body).toMatchObject({ prompt: { messages }, max_tokens: 9 })
  })

  test('streams the role first, the usage last where it was asked for', async () => {
    await script(streamed())
    const text = await (await post('/v1/chat/completions', { model: 'base', messages, stream: true, stream_options: { include_usage: true } })).text()
    const data = dataOf(text)
    expect(data.at(-1)).toBe('[DONE]')
    const chunks = data.slice(0, -1).map((each) => JSON.parse(each))
    expect(chunks[0].choices[0].delta).toEqual({ role: 'assistant', content: '' })
    expect(chunks.slice(1, 3).map((chunk) => chunk.choices[0].delta.content)).toEqual([' fellow', ' citizens'])
    expect(chunks.at(-2).choices[0]).toMatchObject({ delta: {}, finish_reason: 'stop' })
    expect(chunks.at(-1)).toMatchObject({ choices: [], usage: { completion_tokens: 2 } })
    expect(chunks.slice(0, -1).every((chunk) => chunk.usage === null)).toBe(true)
    expect(new Set(chunks.map(({ id }) => id)).size).toBe(1)
  })
})

describe('what is not honoured is refused', () => {
  test.each([
    ['best_of', { best_of: 2 }],
    ['functions', { functions: [{ name: 'f' }] }],
  ])('%s', async (param, extra) => {
    expect(await json(post('/v1/chat/completions', { model: 'base', messages, ...extra }))).toMatchObject({
      http: 400,
      error: { code: 'unsupported_parameter', param },
    })
  })

  test('and what asks for nothing passes', async () => {
    await script(generated())
    const neutral = { n: 1, tools: [], response_format: { type: 'text' }, frequency_penalty: 0, logit_bias: {} }
    expect((await post('/v1/chat/completions', { model: 'base', messages, ...neutral })).status).toBe(200)
  })

  test.each([
    ['messages', { model: 'base' }],
    ['temperature', { model: 'base', messages, temperature: 'hot' }],
    ['max_tokens', { model: 'base', messages, max_tokens: 0 }],
    ['messages[0].role', { model: 'base', messages: [{ role: 'wizard', content: '' }] }],
  ])('a bad %s is named', async (param, body) => {
    expect(await json(post('/v1/chat/completions', body))).toMatchObject({ http: 400, error: { code: 'invalid_request', param } })
  })

  test('a body that no isolate should hold', async () => {
    const body = JSON.stringify({ model: 'base', prompt: 'x'.repeat(9 * 2 ** 20) })
    expect(await json(edge('/v1/completions', { method: 'POST', body }))).toMatchObject({
      http: 413,
      error: { code: 'request_too_large', details: { limit: 8 * 2 ** 20 } },
    })
  })

  test('a body that is not JSON', async () => {
    expect(await json(edge('/v1/completions', { method: 'POST', body: '{"model": ' }))).toMatchObject({ http: 400, error: { code: 'invalid_json' } })
  })
})

describe('hash first', () => {
  test('sends tensors only when the runner lacks them, and asks again', async () => {
    await publish('tone/warm', await adapterFile({ value: 0.1 }))
    await script(heldNot, { on: 'PUT /compositions/', status: 204 }, generated('1'), generated('2'))
    const first = await post('/v1/completions', { model: 'base + tone/warm', prompt: 'My' })
    expect(await json(first.clone())).toMatchObject({ http: 200, choices: [{ text: '1' }] })
    const key = first.headers.get('x-weft-composition')
    expect(key).toMatch(/^sha256:[0-9a-f]{64}$/)
    expect(first.headers.get('x-weft-expression')).toMatch(/^sha256:[0-9a-f]{64}$/)
    await post('/v1/completions', { model: 'tone/warm@1', prompt: 'My' })
    const requests = await seen()
    expect(requests.map(({ method, path }) => `${method} ${path}`)).toEqual(['POST /generate', `PUT /compositions/${key}`, 'POST /generate', 'POST /generate'])
    expect(requests.filter(({ path }) => path === '/generate').map(({ body }) => (body as { composition: string }).composition)).toEqual([key, key, key])
    expect(requests[1]!.body).toBeGreaterThan(2 * 4 * 4)
  })

  test('streams behave alike', async () => {
    await publish('tone/cold', await adapterFile({ value: 0.2 }))
    await script(heldNot, { on: 'PUT /compositions/', status: 204 }, streamed())
    const text = await (await post('/v1/completions', { model: 'tone/cold', prompt: 'My', stream: true })).text()
    expect(text.endsWith('data: [DONE]\n\n')).toBe(true)
  })

  test('a runner that forgets at once is unavailable, not asked for ever', async () => {
    await publish('tone/odd', await adapterFile({ value: 0.3 }))
    await script({ ...heldNot, times: 0 }, { on: 'PUT /compositions/', status: 204, times: 0 })
    expect(await json(post('/v1/completions', { model: 'tone/odd', prompt: 'My' }))).toMatchObject({ http: 503, error: { code: 'runner_unavailable' } })
    // Sent twice: the first time it may have been another process's turn.
    expect((await seen()).length).toBe(5)
  })

  test('0*a is the base model: no key, no tensors', async () => {
    await publish('tone/none', await adapterFile({ value: 0.4 }))
    await script(generated())
    const response = await post('/v1/completions', { model: '0*tone/none', prompt: 'My' })
    expect(response.headers.get('x-weft-composition')).toBeNull()
    expect((await seen())[0]!.body).toMatchObject({ composition: null })
  })

  test('a text with letters beyond ASCII fits a header', async () => {
    await script(heldNot, { on: 'PUT /compositions/', status: 204 }, generated())
    const response = await post('/v1/completions', { model: 'base + "Grüße 🧵"', prompt: 'My' })
    expect(JSON.parse(response.headers.get('x-weft-expression')!)).toBe('Grüße 🧵')
  })
})

test('a client that leaves in mid-stream stops the runner', async () => {
  await script(streamed({ events: Array.from({ length: 40 }, (_, token) => ({ data: { token, text: 'x' } })), gapMs: 50, then: 'hang' }))
  const response = await post('/v1/completions', { ...prompt, stream: true })
  const reader = response.body!.getReader()
  await reader.read()
  await reader.cancel()
  await until(async () => (await seen())[0]?.aborted)
})
