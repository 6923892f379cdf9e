import { refused } from '@weft/test/cases/serving/refused'
import { randomTensor } from '@weft/test/models/tiny-llama'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { compositionRoot, tokens } from '../src/composition-root.ts'
import { servedLlama } from './served-llama.test.setup.ts'

const served = servedLlama()
const { answer, app, config, container, generate, keyOf, pack, put } = served

beforeAll(async () => {
  expect(await (await app.request('/health')).json()).toMatchObject({
    status: 'starting',
    models: [],
    device: { name: 'cpu' },
    jobs: { running: 0, queued: 0 },
  })
  expect(await refused(generate({}))).toMatchObject({ status: 503, code: 'model_loading' })
  await served.load()
  const health = await (await app.request('/health')).json()
  expect(health).toMatchObject({
    status: 'ok',
    models: [{ name: 'base', architecture: 'llama', chat: false, spec: { hidden_size: 32, weights: { 'model.norm.weight': [32] } } }],
  })
})
afterAll(served.close)

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
      usage,
    } = (await (
      await app.request('/score', { method: 'POST', body: JSON.stringify({ model: 'base', composition: null, texts: ['the weft'], token_logprobs: true }) })
    ).json()) as any
    expect(result.perplexity).toBeCloseTo(Math.exp(-result.logprob / result.tokens), 6)
    expect(result.token_logprobs).toHaveLength(result.tokens)
    // The first token is read, and predicted by nothing.
    expect(usage).toEqual({ prompt_tokens: result.tokens + 1, completion_tokens: 0, total_tokens: result.tokens + 1 })
  })
})

test('with a token only its bearer is answered', async () => {
  const guarded = compositionRoot({ ...config, token: 'secret' }).get(tokens.server)
  const ask = (authorization?: string) => guarded.request('/health', authorization ? { headers: { authorization } } : {})
  expect(await refused(ask())).toMatchObject({ status: 401, code: 'unauthorized' })
  expect(await refused(ask('Bearer secreT'))).toMatchObject({ status: 401 })
  expect((await ask('Bearer secret')).status).toBe(200)
})

test('with several tokens the bearer of any of them is', async () => {
  const guarded = compositionRoot({ ...config, token: 'new old' }).get(tokens.server)
  const ask = (authorization: string) => guarded.request('/health', { headers: { authorization } })
  for (const one of ['new', 'old']) expect((await ask(`Bearer ${one}`)).status).toBe(200)
  for (const none of ['new old', 'ne']) expect((await ask(`Bearer ${none}`)).status).toBe(401)
})

test('without a token only this machine is answered', async () => {
  const from = (remoteAddress: string) => app.request('/health', {}, { incoming: { socket: { remoteAddress } } } as never)
  for (const address of ['127.0.0.1', '::1', '::ffff:127.0.0.1']) expect((await from(address)).status).toBe(200)
  expect(await refused(from('192.0.2.7'))).toMatchObject({ status: 401, code: 'loopback_only' })
})
