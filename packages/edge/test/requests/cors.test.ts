import { env } from 'cloudflare:workers'
import { expect, test } from 'vitest'
import { cloudflareRoot } from '../../src/cloudflare-composition-root.ts'
import { tokens } from '../../src/tokens.ts'
import { generated, json, script } from '../edge.ts'

const config = { ...cloudflareRoot(env).get(tokens.config), origins: ['https://app.example'] }
const deployed = { ...env, API_KEY_SHA256: '00'.repeat(32) }
const local = cloudflareRoot(env).get(tokens.app)
const deployment = cloudflareRoot(deployed).get(tokens.app)
const open = cloudflareRoot(deployed, config).get(tokens.app)
const context = { waitUntil() {}, passThroughOnException() {}, props: {} } as never

const send = (app: typeof local, origin: string, init: RequestInit = {}, path = '/v1/completions') =>
  app.fetch(
    new Request(`http://127.0.0.1:8787${path}`, { ...init, headers: { origin, authorization: 'Bearer weft-local', ...(init.headers as object) } }),
    env,
    context,
  )
const preflight = (app: typeof local, origin: string) =>
  send(app, origin, {
    method: 'OPTIONS',
    headers: { authorization: '', 'access-control-request-method': 'POST', 'access-control-request-headers': 'authorization,content-type,x-stainless-lang' },
  })

test('a preflight is answered without a key: for pages of this machine on a local start, for those that the config names on a deployment', async () => {
  for (const [app, origin] of [
    [local, 'http://localhost:3000'],
    [open, 'https://app.example'],
  ] as const) {
    const { status, headers } = await preflight(app, origin)
    expect(status).toBe(204)
    expect(headers.get('access-control-allow-origin')).toBe(origin)
    expect(headers.get('access-control-allow-methods')).toContain('DELETE')
    expect(headers.get('access-control-allow-headers')).toContain('authorization')
    expect(headers.get('access-control-allow-headers')).toContain('x-stainless-lang')
    expect(headers.get('vary')).toContain('Origin')
  }
})

test('others are allowed nothing', async () => {
  for (const [app, origin] of [
    [deployment, 'https://app.example'],
    [deployment, 'http://localhost:3000'],
    [open, 'https://app.example.evil'],
    [open, 'null'],
  ] as const)
    expect((await preflight(app, origin)).headers.get('access-control-allow-origin')).toBeNull()
  expect(await json(preflight(local, 'https://evil.example'))).toMatchObject({ http: 403, error: { code: 'origin_not_allowed' } })
})

test('a page reads the answer, what it was composed of, and an error', async () => {
  await script(generated())
  const answer = await send(local, 'http://localhost:3000', { method: 'POST', body: JSON.stringify({ model: 'base', prompt: 'My' }) })
  expect(answer.status).toBe(200)
  for (const [response, status] of [
    [answer, 200],
    [await send(local, 'http://localhost:3000', { headers: { authorization: 'Bearer wrong' } }, '/v1/models'), 401],
    [await send(local, 'http://localhost:3000', {}, '/v1/nothing'), 404],
  ] as const) {
    expect(response.status).toBe(status)
    expect(response.headers.get('access-control-allow-origin')).toBe('http://localhost:3000')
    for (const name of ['x-weft-composition', 'x-weft-expression', 'x-request-id', 'retry-after', 'etag', 'content-disposition', 'allow'])
      expect(response.headers.get('access-control-expose-headers')?.toLowerCase()).toContain(name)
  }
})
