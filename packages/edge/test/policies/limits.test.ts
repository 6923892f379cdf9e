import { floatTensor } from '@weft/adapters'
import { beforeEach, describe, expect, test } from 'vitest'
import { adapterFile, edge, generated, json, post, publish, script, seen, streamed, until } from '../edge.ts'

let count = 0
/** A tenant that has used nothing yet. */
const fresh = () => `tenant-${count++}`
const headersOf = (response: Response) => Object.fromEntries([...response.headers].filter(([name]) => /^(x-ratelimit|retry)/.test(name)))
const setRoute = async (name: string, policy: object) => {
  expect(await json(edge(`/v1/routes/${name}`, { method: 'PUT', body: JSON.stringify({ composition: 'base', policy }) }))).toMatchObject({ http: 200 })
  return name
}
const complete = (model: string, more: object = {}) => post('/v1/completions', { model, prompt: 'My', max_tokens: 4, ...more })

beforeEach(() => script({ ...generated(), times: 0 }))

test('requests a minute: what is over is answered 429, as OpenAI answers, and does not reach the runner', async () => {
  const route = await setRoute(fresh(), { requests_per_minute: 2 })
  const first = await complete(route)
  expect(headersOf(first)).toMatchObject({ 'x-ratelimit-limit-requests': '2', 'x-ratelimit-remaining-requests': '1' })
  await complete(route)
  const third = await complete(route)
  expect(headersOf(third)).toMatchObject({ 'retry-after': expect.stringMatching(/^(30|29)$/), 'x-ratelimit-remaining-requests': '0' })
  expect(await json(third)).toMatchObject({
    http: 429,
    error: { type: 'rate_limit_error', code: 'rate_limit_exceeded', details: { limit: 'requests_per_minute', most: 2 } },
  })
  expect(await seen()).toHaveLength(2)
})

test('every endpoint of inference counts', async () => {
  const route = await setRoute(fresh(), { requests_per_day: 1 })
  await complete(route)
  for (const [path, body] of [
    ['/v1/chat/completions', { messages: [{ role: 'user', content: 'x' }] }],
    ['/v1/classify', { input: 'x' }],
    ['/v1/score', { input: 'x' }],
    ['/v1/embeddings', { input: 'x' }],
  ] as const)
    expect(await json(post(path, { model: route, ...body })), path).toMatchObject({ http: 429, error: { details: { limit: 'requests_per_day' } } })
})

test('nothing is said of limits where there are none', async () => {
  expect(headersOf(await complete('base'))).toEqual({})
})

test('tokens: an answer is charged what it did cost, a streamed one too', async () => {
  const route = await setRoute(fresh(), { tokens_per_day: 300 })
  const remaining = async (more: object = {}) => Number((await complete(route, more)).headers.get('x-ratelimit-remaining-tokens'))
  // 5 tokens each, of which 4 and the prompt are reserved while it runs.
  expect(await remaining()).toBe(295)
  await until(async () => (await remaining()) <= 290)
  await script({ ...streamed(), times: 0 })
  const long = await complete(route, { stream: true, max_tokens: 200 })
  expect(Number(long.headers.get('x-ratelimit-remaining-tokens'))).toBeLessThan(100)
  await long.text()
  // The reservation of 200 is given back when the stream has ended.
  await until(async () => {
    const response = await complete(route, { stream: true })
    await response.text()
    return Number(response.headers.get('x-ratelimit-remaining-tokens')) > 200
  })
})

describe('what is scored is charged with the prompt before it', () => {
  const prompt = 'word '.repeat(20_000)
  const scored = { tokens: 1, logprob: -1, perplexity: 2.7 }
  const usage = { prompt_tokens: 20_001, completion_tokens: 0, total_tokens: 20_001 }
  const asked = {
    'a text behind a prompt': ['/v1/score', { prompt, input: ' a' }],
    'a choice behind an input': ['/v1/classify', { input: prompt, choices: [' a', ' b'] }],
  } as const
  const charged = async (path: string, body: object): Promise<number> => {
    const route = await setRoute(fresh(), { tokens_per_day: 1_000_000 })
    expect(await json(post(path, { model: route, ...body }))).toMatchObject({ http: 200 })
    return until(async () => {
      const { data } = await json(edge(`/v1/usage?route=${route}`))
      return data[0]?.prompt_tokens
    })
  }

  test.each(Object.entries(asked))('%s', async (_, [path, body]) => {
    const results = 'choices' in body ? [scored, scored] : [scored]
    await script({ on: 'POST /score', times: 0, json: { results, usage } })
    expect(await charged(path, body)).toBe(20_001)
    // A runner that does not tell: guessed, four characters a token, before each text.
    await script({ on: 'POST /score', times: 0, json: { results } })
    expect(await charged(path, body)).toBe(results.length * 25_001)
  })

  test('a text that a head labels, of a runner that does not tell', async () => {
    const head = { head: { weight: floatTensor([2, 4], new Float32Array(8).fill(1)) } }
    await publish('mail/charged', await adapterFile({ state: head, labels: ['ham', 'spam'], task: 'SEQ_CLS' }))
    const route = fresh()
    await edge(`/v1/routes/${route}`, { method: 'PUT', body: JSON.stringify({ composition: 'base + mail/charged' }) })
    await script({ on: 'POST /classify', json: { results: [{ label: 'ham', scores: { ham: 1, spam: 0 } }] } })
    expect(await json(post('/v1/classify', { model: route, input: prompt }))).toMatchObject({ http: 200 })
    await until(async () => (await json(edge(`/v1/usage?route=${route}`))).data[0]?.prompt_tokens === 25_000)
  })

  test.each([
    ['/v1/score', { prompt, input: [' a', ' b'] }],
    ['/v1/classify', { input: prompt, choices: [' a', ' b'] }],
  ])('%s reserves it as often as it is read', async (path, body) => {
    const route = await setRoute(fresh(), { tokens_per_day: 1_000_000 })
    await script({ on: 'POST /score', json: { results: [scored, scored], usage } })
    const response = await post(path, { model: route, ...body })
    expect(response.headers.get('x-ratelimit-remaining-tokens')).toBe(String(1_000_000 - 50_001))
  })
})

test('a stream that its reader leaves is charged for what came of it, and its place is free', async () => {
  const route = await setRoute(fresh(), { concurrency: 1, tokens_per_day: 100_000 })
  await script({ ...streamed({ then: 'hang' }), events: streamed().events!.slice(0, 2) }, { ...generated(), times: 0 })
  const leaving = new AbortController()
  const response = await complete(route, { stream: true, max_tokens: 1000 })
  const reader = response.body!.getReader()
  await reader.read()
  expect(await json(complete(route))).toMatchObject({ http: 429, error: { details: { limit: 'concurrency', most: 1 } } })
  leaving.abort()
  await reader.cancel()
  const after = await until(async () => {
    const next = await complete(route)
    return next.status === 200 && next
  })
  expect(Number(after.headers.get('x-ratelimit-remaining-tokens'))).toBeGreaterThan(99_900)
})

test('what failed keeps no place', async () => {
  const route = await setRoute(fresh(), { concurrency: 1 })
  await script(
    { on: 'POST /generate', status: 422, json: { error: { code: 'context_length_exceeded', message: 'no' } }, times: 3 },
    { ...generated(), times: 0 },
  )
  for (let i = 0; i < 3; i++) await until(async () => (await complete(route)).status === 422)
  await until(async () => (await complete(route)).status === 200)
})

test("a tenant's limits hold for all of its requests", async () => {
  await edge('/v1/policy', { method: 'PUT', body: JSON.stringify({ requests_per_day: 2 }) })
  await complete('base')
  await complete('base')
  expect(await json(complete('base'))).toMatchObject({ http: 429, error: { message: expect.stringContaining('This tenant may have 2 requests a day') } })
  await edge('/v1/policy', { method: 'DELETE' })
  expect(await json(complete('base'))).toMatchObject({ http: 200 })
})

test('usage is told by day and route', async () => {
  const route = await setRoute(fresh(), { requests_per_day: 2 })
  await complete(route)
  await complete(route)
  await complete(route)
  const day = new Date().toISOString().slice(0, 10)
  const usage = await until(async () => {
    const list = await json(edge(`/v1/usage?route=${route}`))
    return list.data[0]?.requests === 3 && list
  })
  expect(usage).toMatchObject({ http: 200, object: 'list', tenant: 'default', to: day })
  expect(usage.data).toEqual([
    { object: 'usage', day, route, kind: 'answer', requests: 3, failed: 1, limited: 1, prompt_tokens: 6, completion_tokens: 4, total_tokens: 10 },
  ])
  expect(await json(edge(`/v1/usage?from=2026-02-30`))).toMatchObject({ http: 400, error: { param: 'from' } })
  expect(await json(edge(`/v1/usage?from=2030-01-01&to=2029-01-01`))).toMatchObject({ http: 400, error: { param: 'from' } })
})
