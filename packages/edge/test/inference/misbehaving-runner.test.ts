import { env } from 'cloudflare:workers'
import { beforeEach, describe, expect, test } from 'vitest'
import { cloudflareRoot } from '../../src/cloudflare-composition-root.ts'
import { tokens } from '../../src/tokens.ts'
import { adapterFile, dataOf, generated, healthy, json, model, post, publish, refusal, script, seen, streamed, until } from '../edge.ts'

const prompt = { model: 'base', prompt: 'My' }

beforeEach(() => script())

describe('a runner that misbehaves', () => {
  const away = (url: string) => cloudflareRoot({ ...env, RUNNER_URL: url }).get(tokens.app)
  const ask = (app: ReturnType<typeof away>, path: string, init: RequestInit = {}) =>
    app.fetch(new Request(`http://localhost${path}`, { ...init, headers: { authorization: 'Bearer weft-local' } }), env, {
      waitUntil() {},
      passThroughOnException() {},
      props: {},
    } as never)

  test('down: 503 with a time to come back, and health says so', async () => {
    const app = away('http://127.0.0.1:9')
    const response = await ask(app, '/v1/completions', { method: 'POST', body: JSON.stringify(prompt) })
    expect(response.headers.get('retry-after')).toBe('2')
    expect(await json(response)).toMatchObject({ http: 503, error: { code: 'runner_unavailable', type: 'server_error' } })
    expect(await json(ask(app, '/health'))).toMatchObject({ http: 200, runner: { reachable: false, code: 'runner_unavailable' } })
    expect(await json(ask(app, '/v1/models'))).toMatchObject({
      http: 200,
      data: expect.arrayContaining([expect.objectContaining({ id: 'base' }), expect.objectContaining({ id: 'orator' })]),
    })
  })

  test('slow: 504, and the work is given up', async () => {
    await script({ on: 'POST /generate', then: 'hang' })
    const response = await post('/v1/completions', prompt)
    expect(response.headers.get('retry-after')).toBe('5')
    expect(await json(response)).toMatchObject({ http: 504, error: { code: 'runner_timeout' } })
    await until(async () => (await seen())[0]?.aborted)
  })

  test('working for a client that left: it is told to stop, long before its time is up', async () => {
    await script({ on: 'POST /generate', then: 'hang' })
    const patient = cloudflareRoot({ ...env, RUNNER_TIMEOUT_MS: '600000' }).get(tokens.app)
    const leaving = new AbortController()
    const answer = ask(patient, '/v1/completions', { method: 'POST', body: JSON.stringify(prompt), signal: leaving.signal })
    await until(async () => (await seen()).length === 1)
    leaving.abort()
    expect((await answer).status).toBe(499)
    await until(async () => (await seen())[0]?.aborted)
  })

  test('dies in the middle of an answer: 503', async () => {
    await script({ on: 'POST /generate', then: 'die' })
    expect(await json(post('/v1/completions', prompt))).toMatchObject({ http: 503, error: { code: 'runner_unavailable' } })
  })

  test('dies or hangs in mid-stream: an error event, and no [DONE]', async () => {
    for (const [then, code] of [
      ['die', 'runner_unavailable'],
      ['end', 'runner_unavailable'],
      ['hang', 'runner_timeout'],
    ] as const) {
      await script(streamed({ events: [{ data: { token: 1, text: ' fellow' } }], then }))
      const data = dataOf(await (await post('/v1/completions', { ...prompt, stream: true })).text())
      expect(JSON.parse(data.at(-1)!)).toMatchObject({ error: { code } })
    }
  })

  test('its own error in mid-stream is passed on', async () => {
    await script(
      streamed({
        events: [{ data: { token: 1, text: ' fellow' } }, { event: 'error', data: { error: { code: 'logits_not_finite', message: 'not finite' } } }],
      }),
    )
    const data = dataOf(await (await post('/v1/completions', { ...prompt, stream: true })).text())
    expect(JSON.parse(data.at(-1)!)).toMatchObject({ error: { code: 'logits_not_finite' } })
  })

  test('answers nonsense: 502 that says what was wrong', async () => {
    await script({ on: 'POST /generate', json: { text: 3 } })
    expect(await json(post('/v1/completions', prompt))).toMatchObject({ http: 502, error: { code: 'runner_protocol' } })
    await script({ on: 'POST /generate', status: 401, json: { error: { code: 'unauthorized', message: 'no' } } })
    expect(await json(post('/v1/completions', prompt))).toMatchObject({
      http: 502,
      error: { code: 'runner_protocol', message: expect.stringContaining('RUNNER_TOKEN') },
    })
    // The same for a runner without a token, which refuses whoever is elsewhere; versions have nothing to do with it.
    await script({ on: 'POST /generate', status: 403, json: { error: { code: 'loopback_only', message: 'no' } } })
    const { message } = (await json(post('/v1/completions', prompt))).error
    expect(message).toMatch(/Give both the same token: RUNNER_TOKEN here, WEFT_RUNNER_TOKEN there\.$/)
    expect(message).not.toContain('version')
  })

  test('what it refuses is passed on in its own words', async () => {
    const error = { code: 'context_length_exceeded', message: '80 positions are needed', param: 'prompt', details: { limit: 64 } }
    await script({ on: 'POST /generate', status: 400, json: { error } })
    expect(await json(post('/v1/completions', prompt))).toMatchObject({ http: 400, error })
  })

  test('of an older version: a field that it does not know is no fault of the client', async () => {
    const message = 'grammar.relaxed: unknown field "relaxed"; there are "type", "schema"'
    await script({ on: 'POST /generate', status: 400, json: { error: { code: 'invalid_request', message, param: 'grammar.relaxed' } } })
    expect(await json(post('/v1/completions', prompt))).toMatchObject({
      http: 502,
      error: { code: 'runner_protocol', message: expect.stringContaining(`${message}. Do the runner's version and the Worker's belong together?`) },
    })
  })

  test('another base model under the same address: the composition is made for the new one', async () => {
    await script({ ...refusal(404, 'model_not_found', 'POST /generate') }, generated())
    expect((await post('/v1/completions', prompt)).status).toBe(200)
  })

  test('and the right one again: it is asked at once what it holds', async () => {
    const app = cloudflareRoot(env).get(tokens.app)
    const send = () => json(ask(app, '/v1/completions', { method: 'POST', body: JSON.stringify({ model: 'base + swapped/a', prompt: 'My' }) }))
    await publish('swapped/a', await adapterFile({ value: 0.43 }))
    await script(healthy([{ ...model, fingerprint: `sha256:${'cd'.repeat(32)}` }]))
    expect(await send()).toMatchObject({ http: 409, error: { code: 'wrong_base_model' } })
    await script({ ...generated(), times: 0 })
    expect(await send()).toMatchObject({ http: 200 })
  })
})

describe('a request has its time', () => {
  const hanging = () => script(...Array.from({ length: 8 }, () => ({ on: 'POST /generate', then: 'hang' as const })))
  const timed = (headers: Record<string, string>, path = '/v1/completions', body: object = prompt) => json(post(path, body, { headers }))

  test.each([
    ['x-weft-deadline-ms', '300'],
    // Whole seconds of what may be more.
    ['x-stainless-timeout', '0'],
  ])('that it states in %s, and the runner is told how much is left of it', async (header, value) => {
    await hanging()
    const began = Date.now()
    const patient = cloudflareRoot({ ...env, RUNNER_TIMEOUT_MS: '600000' }).get(tokens.app)
    const headers = { authorization: 'Bearer weft-local', [header]: value }
    const ask = () => patient.fetch(new Request('http://127.0.0.1:8787/v1/completions', { method: 'POST', body: JSON.stringify(prompt), headers }), env)
    expect(await json(ask())).toMatchObject({ http: 504, error: { code: 'deadline_exceeded', type: 'server_error' } })
    expect(Date.now() - began).toBeLessThan(2_000)
    const request = await until(async () => (await seen()).find(({ path, aborted }) => path === '/generate' && aborted))
    expect(Number(request.deadline)).toBeGreaterThan(0)
    expect(Number(request.deadline)).toBeLessThanOrEqual(1_000)
  })

  test('or that the deployment sets', async () => {
    await hanging()
    const hasty = cloudflareRoot({ ...env, REQUEST_TIMEOUT_MS: '200' }).get(tokens.app)
    const request = new Request('http://127.0.0.1:8787/v1/completions', {
      method: 'POST',
      body: JSON.stringify(prompt),
      headers: { authorization: 'Bearer weft-local' },
    })
    expect(await json(hasty.fetch(request, env))).toMatchObject({ http: 504, error: { code: 'deadline_exceeded', details: { milliseconds: 200 } } })
  })

  test('also in mid-stream', async () => {
    await script(streamed({ events: [{ data: { token: 1, text: 'x' } }], then: 'hang' }))
    const response = await post('/v1/completions', { ...prompt, stream: true }, { headers: { 'x-weft-deadline-ms': '300' } })
    const last = dataOf(await response.text()).at(-1)!
    expect(JSON.parse(last)).toMatchObject({ error: { code: 'deadline_exceeded' } })
  })

  test('what a client of OpenAI waits for is there when a stream begins', async () => {
    await script(streamed({ gapMs: 700 }))
    const response = await post('/v1/completions', { ...prompt, stream: true }, { headers: { 'x-stainless-timeout': '0' } })
    expect(dataOf(await response.text()).at(-1)).toBe('[DONE]')
    expect(Number((await seen())[0]!.deadline)).toBeGreaterThan(2_000)
  })

  test('and one that is no time is refused', async () => {
    for (const value of ['0', '-1', '1.5', 'soon', '99999999999'])
      expect(await timed({ 'x-weft-deadline-ms': value })).toMatchObject({ http: 400, error: { code: 'invalid_deadline', param: 'x-weft-deadline-ms' } })
  })
})

describe('an answer that takes long', () => {
  const ask = (blanksAfterMs: string, { signal, deadlineMs = 2_500 }: { signal?: AbortSignal; deadlineMs?: number } = {}) =>
    cloudflareRoot({ ...env, RUNNER_TIMEOUT_MS: '600000', BLANKS_AFTER_MS: blanksAfterMs })
      .get(tokens.app)
      .fetch(
        new Request('http://127.0.0.1:8787/v1/completions', {
          method: 'POST',
          body: JSON.stringify(prompt),
          headers: { authorization: 'Bearer weft-local', 'x-weft-deadline-ms': `${deadlineMs}` },
          ...(signal ? { signal } : {}),
        }),
        env,
      )

  test('is the same JSON behind blanks', async () => {
    await script({ ...generated(), delayMs: 1_300 })
    const text = await (await ask('100')).text()
    expect(text).toMatch(/^\n\n+\{/)
    expect(JSON.parse(text)).toMatchObject({ object: 'text_completion', choices: [{ text: ' fellow citizens' }] })
  })

  test('says in its body what went wrong, once it has begun', async () => {
    await script({ on: 'POST /generate', then: 'hang' })
    const response = await ask('100')
    expect(response.status).toBe(200)
    expect(JSON.parse(await response.text())).toMatchObject({ error: { code: 'deadline_exceeded' } })
  })

  test('stops when its reader leaves', async () => {
    await script({ on: 'POST /generate', then: 'hang' })
    const response = await ask('100', { deadlineMs: 600_000 })
    const reader = response.body!.getReader()
    await reader.read()
    await reader.cancel()
    // Nothing else would end it: the request and this edge wait ten minutes for the runner.
    await until(async () => (await seen()).some(({ aborted }) => aborted))
  })
})

test('what the runner says of the edge is never said of the client', async () => {
  for (const code of ['invalid_json', 'route_not_found', 'invalid_deadline']) {
    await script(refusal(code === 'route_not_found' ? 404 : 400, code, 'POST /generate'))
    expect(await json(post('/v1/completions', prompt))).toMatchObject({ http: 502, error: { code: 'runner_protocol', type: 'server_error' } })
  }
  await script(refusal(504, 'deadline_exceeded', 'POST /generate'))
  expect(await json(post('/v1/completions', prompt))).toMatchObject({ http: 504, error: { code: 'deadline_exceeded', type: 'server_error' } })
  await script(refusal(400, 'context_length_exceeded', 'POST /generate'))
  expect(await json(post('/v1/completions', prompt))).toMatchObject({ http: 400, error: { type: 'invalid_request_error' } })
})
