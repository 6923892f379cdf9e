import { createExecutionContext } from 'cloudflare:test'
import { env } from 'cloudflare:workers'
import { sha256 } from '@weft/adapters'
import { beforeEach, expect, test } from 'vitest'
import { cloudflareRoot } from '../../src/cloudflare-composition-root.ts'
import { tokens } from '../../src/tokens.ts'
import { edge, json, model, script } from '../edge.ts'

beforeEach(() => script())

const key = 'a key of a deployment'

/** `/health` of a deployment that is reached from elsewhere. */
async function health(authorization?: string, variables: object = {}): Promise<Record<string, unknown>> {
  const app = cloudflareRoot({ ...env, ...variables, API_KEY_SHA256: (await sha256(new TextEncoder().encode(key))).slice('sha256:'.length) }).get(tokens.app)
  const headers: Record<string, string> = authorization === undefined ? {} : { authorization }
  return json(app.fetch(new Request('https://weft.example/health', { headers }), env, createExecutionContext()))
}

test('who shows no key learns what a probe needs, and nothing of the inside', async () => {
  expect(await health()).toEqual({ http: 200, status: 'ok', database: { ok: true }, runner: { reachable: true, status: 'ok' } })
  // Nobody listens on port 1.
  expect(await health(undefined, { RUNNER_URL: 'http://127.0.0.1:1' })).toEqual({
    ...{ http: 200, status: 'ok', database: { ok: true } },
    runner: { reachable: false, code: 'runner_unavailable' },
  })
})

test('a key is told which models there are, and what an error says; one that is wrong is refused', async () => {
  expect(await health(`Bearer ${key}`)).toMatchObject({ http: 200, runner: { reachable: true, device: { name: 'cpu' }, models: [{ name: model.name }] } })
  expect(await health(`Bearer ${key}`, { RUNNER_URL: 'http://127.0.0.1:1' })).toMatchObject({ runner: { reachable: false, message: expect.any(String) } })
  expect(await health('Bearer another')).toMatchObject({ http: 401, error: { code: 'invalid_api_key' } })
})

test('the document says that a key is as one likes', async () => {
  const { paths } = await json(edge('/openapi.json'))
  expect(paths['/health'].get.security).toEqual([{}, { apiKey: [] }])
  expect(Object.keys(paths['/health'].get.responses)).toContain('401')
})

test('an edge for this machine alone tells whoever may ask it at all', async () => {
  expect(await json(edge('/health', { headers: { authorization: '' } }))).toMatchObject({ http: 200, runner: { models: [{ name: model.name }] } })
})
