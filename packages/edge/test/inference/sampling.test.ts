import { env } from 'cloudflare:workers'
import { beforeEach, expect, test } from 'vitest'
import { cloudflareRoot } from '../../src/cloudflare-composition-root.ts'
import { tokens } from '../../src/tokens.ts'
import { generated, json, post, script, seen } from '../edge.ts'
import configuration from '../weft.config.ts'

const messages = [{ role: 'user', content: 'Hello' }]

beforeEach(() => script())

test('penalties, min-p and biases go to the runner; ids that are none are refused', async () => {
  await script(generated())
  const asked = { frequency_penalty: 0.5, presence_penalty: -0.5, repetition_penalty: 1.2, min_p: 0.1, logit_bias: { 7: -100 } }
  expect((await post('/v1/chat/completions', { model: 'base', messages, ...asked })).status).toBe(200)
  expect((await seen())[0].body).toMatchObject(asked)
  for (const logit_bias of [{ x: 1 }, { 7: 101 }, { '-1': 0 }])
    expect(await json(post('/v1/chat/completions', { model: 'base', messages, logit_bias }))).toMatchObject({ http: 400, error: { code: 'invalid_request' } })
})

test('without a number of tokens, a chat and a response go on to the end of the context, and a completion for 128', async () => {
  await script(generated(), generated(), generated())
  const app = cloudflareRoot(env, { ...configuration, defaults: {} }).get(tokens.app)
  const context = { waitUntil() {}, passThroughOnException() {}, props: {} } as never
  const headers = { authorization: 'Bearer weft-local' }
  for (const [path, body] of [
    ['chat/completions', { messages }],
    ['responses', { input: 'Hello' }],
    ['completions', { prompt: 'Hello' }],
  ] as const) {
    const request = new Request(`http://127.0.0.1:8787/v1/${path}`, { method: 'POST', headers, body: JSON.stringify({ model: 'base', ...body }) })
    expect((await app.fetch(request, env, context)).status).toBe(200)
  }
  expect((await seen()).map(({ body }) => (body as { max_tokens?: number }).max_tokens)).toEqual([undefined, undefined, 128])
})
