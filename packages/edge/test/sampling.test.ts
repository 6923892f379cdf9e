import { beforeEach, expect, test } from 'vitest'
import { generated, json, post, script, seen } from './edge.ts'

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
