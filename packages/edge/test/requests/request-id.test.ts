import { expect, test } from 'vitest'
import { edge, generated, post, refusal, script, seen, streamed } from '../edge.ts'

const body = { model: 'base', prompt: 'My' }

test("every answer carries the request's id, good or bad, and the runner is told it", async () => {
  await script(generated(), streamed(), refusal(400, 'empty_prompt', 'POST /generate'))
  const named = { headers: { 'x-request-id': 'req-of-mine' } }
  const answers = [
    await post('/v1/completions', body, named),
    await post('/v1/completions', { ...body, stream: true }, named),
    await post('/v1/completions', body, named),
    await edge('/v1/nothing', named),
    await edge('/v1/models', { headers: { ...named.headers, authorization: 'Bearer wrong' } }),
  ]
  expect(answers.map(({ status }) => status)).toEqual([200, 200, 400, 404, 401])
  for (const answer of answers) {
    expect(answer.headers.get('x-request-id')).toBe('req-of-mine')
    await answer.text()
  }
  expect((await seen()).map(({ requestId }) => requestId)).toEqual(Array(3).fill('req-of-mine'))
})

test('one without an id, or with one that is no id, gets one', async () => {
  const ids = new Set<string | null>()
  for (const headers of [{}, {}, { 'x-request-id': 'a b\tc' }, { 'x-request-id': 'x'.repeat(300) }] as Record<string, string>[])
    ids.add((await edge('/health', { headers })).headers.get('x-request-id'))
  expect(ids.size).toBe(4)
  for (const id of ids) expect(id).toMatch(/^[\w-]{8,64}$/)
})

test('too many requests: 429 with the time to come back', async () => {
  await script(refusal(429, 'too_many_waiting', 'POST /generate'))
  const response = await post('/v1/completions', body)
  expect(response.status).toBe(429)
  expect(Number(response.headers.get('retry-after'))).toBeGreaterThan(0)
  expect(await response.json()).toMatchObject({ error: { code: 'too_many_waiting', type: 'rate_limit_error' } })
})
