import { createExecutionContext } from 'cloudflare:test'
import { env } from 'cloudflare:workers'
import { beforeEach, expect, test, vi } from 'vitest'
import { cloudflareRoot } from '../../src/cloudflare-composition-root.ts'
import type { Environment } from '../../src/environment.ts'
import { tokens } from '../../src/tokens.ts'
import { adapterFile, edge, generated, json, post, publish, script, seen, streamed, until } from '../edge.ts'

beforeEach(() => script())

test("a client's trace and what the edge knows of the request go to the runner", async () => {
  await publish('style/speech', await adapterFile())
  await script(generated())
  const trace = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01'
  await post('/v1/completions', { model: 'orator', prompt: 'a' }, { headers: { traceparent: trace, 'x-request-id': 'asked-1' } })
  expect(await seen()).toMatchObject([{ traceParent: trace, tenant: 'default', route: 'orator', requestId: 'asked-1' }])
  await script(generated())
  await post('/v1/completions', { model: 'base', prompt: 'a' }, { headers: { traceparent: 'not a trace' } })
  expect(await seen()).toMatchObject([{ traceParent: null, tenant: 'default', route: null }])
})

test('every request is told of in the log and to the dataset, with its id, and no name of anybody in it', async () => {
  const points: unknown[] = []
  const lines = vi.spyOn(console, 'log').mockImplementation(() => {})
  const METRICS = { writeDataPoint: (point: unknown) => void points.push(point) }
  const app = cloudflareRoot({ ...(env as Environment), LOG_REQUESTS: 'on', METRICS }).get(tokens.app)
  const headers = { authorization: 'Bearer weft-local', 'x-request-id': 'asked-2', traceparent: '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-00' }
  await app.fetch(new Request('http://127.0.0.1:8787/v1/adapters/style/nobody', { headers }), env, createExecutionContext())
  expect(lines.mock.calls.map(([line]) => JSON.parse(String(line)))).toMatchObject([
    {
      message: 'request',
      requestId: 'asked-2',
      traceId: '0af7651916cd43dd8448eb211c80319c',
      method: 'GET',
      endpoint: '/v1/adapters/{id}',
      status: 404,
      code: 'adapter_not_found',
      tenant: 'default',
      ms: expect.any(Number),
    },
  ])
  expect(points).toMatchObject([
    { indexes: ['default'], blobs: ['GET /v1/adapters/{id}', '', '404', 'adapter_not_found', 'default'], doubles: [expect.any(Number), 1] },
  ])
  lines.mockRestore()
})

test('an answer that fails behind blanks is told of as what it came to, once it has ended', async () => {
  await publish('style/speech', await adapterFile())
  const points: { blobs: string[]; doubles: number[] }[] = []
  const lines = vi.spyOn(console, 'log').mockImplementation(() => {})
  const METRICS = { writeDataPoint: (point: (typeof points)[number]) => void points.push(point) }
  await script({ on: 'POST /generate', then: 'hang' })
  const outage = { RUNNER_TIMEOUT_MS: '600', BLANKS_AFTER_MS: '50' }
  const app = cloudflareRoot({ ...(env as Environment), ...outage, LOG_REQUESTS: 'on', METRICS }).get(tokens.app)
  const response = await app.fetch(
    new Request('http://127.0.0.1:8787/v1/completions', {
      method: 'POST',
      headers: { authorization: 'Bearer weft-local', 'content-type': 'application/json' },
      body: JSON.stringify({ model: 'orator', prompt: 'My' }),
    }),
    env,
    createExecutionContext(),
  )
  expect(response.status).toBe(200)
  expect(points).toEqual([])
  expect(await response.json()).toMatchObject({ error: { code: 'runner_timeout' } })
  const [{ ms, ...line }] = await until(async () => lines.mock.calls.length > 0 && lines.mock.calls.map(([line]) => JSON.parse(String(line))))
  lines.mockRestore()
  expect(line).toMatchObject({ endpoint: '/v1/completions', status: 504, code: 'runner_timeout', route: 'orator' })
  expect(ms).toBeGreaterThanOrEqual(590)
  expect(points).toMatchObject([{ blobs: ['POST /v1/completions', 'orator', '504', 'runner_timeout', 'default'], doubles: [ms, 1] }])
})

test('a stream is told of once it has ended: as what it came to, with the time to its beginning and to its end', async () => {
  const lines = vi.spyOn(console, 'log').mockImplementation(() => {})
  const app = cloudflareRoot({ ...(env as Environment), LOG_REQUESTS: 'on' }).get(tokens.app)
  const ask = async (): Promise<Record<string, unknown>> => {
    const response = await app.fetch(
      new Request('http://127.0.0.1:8787/v1/completions', {
        method: 'POST',
        headers: { authorization: 'Bearer weft-local', 'content-type': 'application/json' },
        body: JSON.stringify({ model: 'base', prompt: 'My', stream: true }),
      }),
      env,
      createExecutionContext(),
    )
    expect(response.status).toBe(200)
    expect(lines.mock.calls).toEqual([])
    await response.text()
    const [line] = await until(async () => lines.mock.calls.length > 0 && lines.mock.calls.map(([line]) => JSON.parse(String(line))))
    lines.mockClear()
    return line
  }
  await script(streamed())
  const whole = await ask()
  expect(whole).toMatchObject({ endpoint: '/v1/completions', status: 200, ms: expect.any(Number), streamMs: expect.any(Number) })
  expect(whole.streamMs).toBeGreaterThanOrEqual(Number(whole.ms))
  expect(whole).not.toHaveProperty('code')
  await script(streamed({ events: [{ data: { token: 1, text: ' fellow' } }], then: 'die' }))
  expect(await ask()).toMatchObject({ endpoint: '/v1/completions', status: 503, code: 'runner_unavailable' })
  lines.mockRestore()
})

test("operators read the runner's metrics through the edge", async () => {
  await script({ on: 'GET /metrics', json: { any: 'text' } })
  const response = await edge('/v1/metrics')
  expect([response.status, await response.text()]).toEqual([200, '{"any":"text"}'])
  const { secret } = await json(post('/v1/keys', { tenant: 'acme', role: 'admin' }))
  expect(await json(edge('/v1/metrics', { headers: { authorization: `Bearer ${secret}` } }))).toMatchObject({ http: 403 })
})
