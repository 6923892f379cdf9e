import { exports } from 'cloudflare:workers'
import OpenAI from 'openai'
import { expect, test } from 'vitest'
import { json, post, script, seen } from '../edge.ts'

const openai = new OpenAI({
  apiKey: 'weft-local',
  baseURL: 'http://127.0.0.1:8787/v1',
  maxRetries: 0,
  fetch: (url, init) => exports.default.fetch(new Request(url as string, init as RequestInit)),
})
const vectors = (count: number) => ({
  on: 'POST /embed',
  times: 0,
  json: { results: Array(count).fill({ embedding: [3, 4] }), usage: { prompt_tokens: 5, completion_tokens: 0, total_tokens: 5 } },
})

test.each([
  ['a text', 'a', ['a']],
  ['texts', ['a', 'b'], ['a', 'b']],
  ['tokens', [1, 2], [[1, 2]]],
  ['lists of tokens', [[1, 2], [3]], [[1, 2], [3]]],
])('%s', async (_, input, inputs) => {
  await script(vectors(inputs.length))
  // OpenAI's client asks for base64 and decodes it.
  const { data } = await openai.embeddings.create({ model: 'base', input })
  expect(data.map(({ index, embedding }) => [index, embedding.map((value) => Math.round(value * 10) / 10)])).toEqual(inputs.map((_, i) => [i, [0.6, 0.8]]))
  expect((await seen())[0]!.body).toMatchObject({ inputs, truncate: false })
})

test('2,048 at once, and no more', async () => {
  await script(vectors(2048))
  expect((await openai.embeddings.create({ model: 'base', input: Array(2048).fill('a') })).data).toHaveLength(2048)
  expect(await json(post('/v1/embeddings', { model: 'base', input: Array(2049).fill('a') }))).toMatchObject({ http: 400, error: { param: 'input' } })
})

test('what is too long is cut only where it is allowed', async () => {
  await script(vectors(1))
  await json(post('/v1/embeddings', { model: 'base', input: 'a', truncate: true }))
  expect((await seen())[0]!.body).toMatchObject({ truncate: true })
})

test('dimensions are refused by name', async () => {
  expect(await json(post('/v1/embeddings', { model: 'base', input: 'a', dimensions: 64 }))).toMatchObject({
    http: 400,
    error: { code: 'unsupported_parameter', param: 'dimensions', message: expect.stringContaining("Leave it out: vectors have the base model's own") },
  })
})

test.each([[''], [['a', '']], [[]], [[[]]]])('%j has nothing to embed, and is refused', async (input) => {
  expect(await json(post('/v1/embeddings', { model: 'base', input }))).toMatchObject({
    http: 400,
    error: { param: expect.stringMatching(/^input/), message: expect.stringMatching(/at least 1|none of them empty/) },
  })
})
