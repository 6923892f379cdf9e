import { env } from 'cloudflare:workers'
import { expect, test } from 'vitest'
import { cloudflareRoot } from '../../src/cloudflare-composition-root.ts'
import { tokens } from '../../src/tokens.ts'
import { generated, healthy, json, script, seen, streamed } from '../edge.ts'

const cold = (waitMs: number) => cloudflareRoot({ ...env, RUNNER_START_MS: String(waitMs) }).get(tokens.app)
const ask = (app: ReturnType<typeof cold>, body: object = {}) =>
  app.fetch(
    new Request('http://127.0.0.1:8787/v1/completions', {
      method: 'POST',
      headers: { authorization: 'Bearer weft-local' },
      body: JSON.stringify({ model: 'base', prompt: 'My', ...body }),
    }),
    env,
    { waitUntil() {}, passThroughOnException() {}, props: {} } as never,
  )
const starting = { on: 'GET /health', times: 3, json: { ...(healthy().json as object), status: 'starting', models: [] } }
const down = { on: 'GET /health', times: 2, then: 'die' as const }

test('a request waits for a runner that is starting, and one that is not there yet', async () => {
  await script(down, starting, healthy(), generated())
  expect(await json(ask(cold(10_000)))).toMatchObject({ http: 200, choices: [{ text: ' fellow citizens' }] })
})

test('a stream does too', async () => {
  await script(starting, healthy(), streamed())
  expect(await (await ask(cold(10_000), { stream: true })).text()).toContain('[DONE]')
})

test('no longer than the deployment says', async () => {
  await script({ ...down, times: 0 })
  const before = Date.now()
  expect(await json(ask(cold(600)))).toMatchObject({ http: 503, error: { code: 'runner_unavailable' } })
  expect(Date.now() - before).toBeGreaterThan(500)
  expect(Date.now() - before).toBeLessThan(5000)
})

test('what waits for a runner that is starting has a status of its own, however soon blanks would come', async () => {
  const hasty = (waitMs: number) => cloudflareRoot({ ...env, RUNNER_START_MS: String(waitMs), BLANKS_AFTER_MS: '300' }).get(tokens.app)
  await script({ ...down, times: 0 })
  expect(await json(ask(hasty(600)))).toMatchObject({ http: 503, error: { code: 'runner_unavailable' } })
  await script(down, starting, healthy(), { ...generated(), delayMs: 700 })
  const answer = await ask(hasty(10_000))
  expect(await answer.text()).toMatch(/^\n[^]*fellow citizens/)
})

test('a runner that goes down with a request gets it once more', async () => {
  const dies = { on: 'POST /generate', then: 'die' as const }
  await script({ ...healthy(), times: 1 }, dies, down, healthy(), generated())
  expect(await json(ask(cold(10_000)))).toMatchObject({ http: 200 })
  await script({ ...healthy(), times: 1 }, { ...dies, times: 0 }, down, healthy())
  expect(await json(ask(cold(10_000)))).toMatchObject({ http: 503, error: { code: 'runner_unavailable' } })
  expect(await seen()).toHaveLength(2)
})

test('one that is up all the while keeps its failure', async () => {
  await script({ on: 'POST /generate', then: 'die', times: 0 })
  expect(await json(ask(cold(10_000)))).toMatchObject({ http: 503 })
  expect(await seen()).toHaveLength(1)
})
