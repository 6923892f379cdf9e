import { everydayRequests } from '@weft/protocol'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { Limiter } from '../src/limits/limiter.ts'
import { memoryLimiter } from '../src/limits/memory-limiter.ts'
import { tokens } from '../src/tokens.ts'
import { deployment } from '../test/deployment.ts'
import { startScriptedRunner } from '../test/scripted-runner.test.server.ts'
import { adapterFile, healthy } from '../test/tiny-model.ts'
import { memoryRoot } from './memory-composition-root.ts'

const generated = { text: ' citizens', tokens: [1], finish_reason: 'stop', usage: { prompt_tokens: 3, completion_tokens: 1, total_tokens: 4 } }

let runner: Awaited<ReturnType<typeof startScriptedRunner>>
beforeAll(async () => {
  runner = await startScriptedRunner()
  await fetch(`${runner.url}/script`, { method: 'PUT', body: JSON.stringify([{ on: 'POST /generate', json: generated, times: 0 }, healthy()]) })
})
afterAll(() => runner.stop())

test('a request costs one call of the limiter before it is answered, and none where nothing is limited', async () => {
  const { container } = memoryRoot(deployment, runner.url, 1000)
  const calls: string[] = []
  const limiter = memoryLimiter()
  container.rebind(tokens.limiter).toConstantValue({
    reserve: (tenant, reservation) => {
      calls.push(`reserve of ${tenant}`)
      return limiter.reserve(tenant, reservation)
    },
    settle: (tenant, id, cost) => {
      calls.push(`settle ${cost}`)
      return limiter.settle(tenant, id, cost)
    },
  } satisfies Limiter)
  const work: Promise<unknown>[] = []
  const context = { waitUntil: (promise: Promise<unknown>) => void work.push(promise), passThroughOnException: () => {}, props: {} }
  const edge = async (path: string, method: string, body: object): Promise<number> => {
    const init = { method, headers: { authorization: 'Bearer weft-local' }, body: JSON.stringify(body) }
    const { status } = await container.get(tokens.app).fetch(new Request(`http://edge${path}`, init), {}, context)
    return status
  }
  const complete = (model: string) => edge('/v1/completions', 'POST', { model, prompt: 'My', max_tokens: 4 })

  expect(await complete('base')).toBe(200)
  await Promise.all(work.splice(0))
  expect(calls).toEqual([])

  expect(await edge('/v1/routes/limited', 'PUT', { composition: 'base', policy: { tokens_per_day: 1000, concurrency: 2, requests_per_minute: 60 } })).toBe(200)
  expect(await edge('/v1/policy', 'PUT', { requests_per_day: 10 })).toBe(200)
  expect(await complete('limited')).toBe(200)
  await Promise.all(work.splice(0))
  // What it did cost is told when the answer has been given.
  expect(calls).toEqual(['reserve of default', 'settle 4'])
})

test('a request that runs into its deadline is charged what it did cost, though others come before that is told', async () => {
  const { container } = memoryRoot(deployment, runner.url, 60_000)
  await fetch(`${runner.url}/script`, { method: 'PUT', body: JSON.stringify([{ on: 'POST /generate', then: 'hang', times: 0 }, healthy()]) })
  const limiter = memoryLimiter()
  const another = { id: 'another', limits: [{ scope: 'tenant', limits: { tokensPerDay: 1000 } }], tokens: 0, leaseMs: 1000 } as const
  const left = Promise.withResolvers<number | undefined>()
  container.rebind(tokens.limiter).toConstantValue({
    reserve: limiter.reserve,
    settle: async (tenant, id, cost) => {
      // Somebody else's request is quicker on its way.
      await limiter.reserve(tenant, another)
      await limiter.settle(tenant, id, cost)
      left.resolve((await limiter.reserve(tenant, { ...another, id: 'last' })).allowances.tokens?.remaining)
    },
  } satisfies Limiter)
  const ask = (path: string, method: string, body: object, headers = {}): Promise<Response> | Response =>
    container
      .get(tokens.app)
      .fetch(
        new Request(`http://edge${path}`, { method, headers: { authorization: 'Bearer weft-local', ...headers }, body: JSON.stringify(body) }),
        {},
        { waitUntil() {}, passThroughOnException() {}, props: {} },
      )
  await ask('/v1/policy', 'PUT', { tokens_per_day: 1000 })
  const late = await ask('/v1/completions', 'POST', { model: 'base', prompt: 'My', max_tokens: 500 }, { 'x-weft-deadline-ms': '1500' })
  expect(await late.json()).toMatchObject({ error: { code: 'deadline_exceeded' } })
  expect(await left.promise).toBeGreaterThan(990)
})

/** A deployment of its own, and what goes on after its answers. */
const fresh = () => {
  const { container } = memoryRoot(deployment, runner.url, 60_000)
  const work: Promise<unknown>[] = []
  const ask = async (path: string, method = 'GET', body?: object): Promise<{ http: number } & Record<string, any>> => {
    const sent = body === undefined ? {} : { body: body instanceof Uint8Array ? (body as Uint8Array<ArrayBuffer>) : JSON.stringify(body) }
    const request = new Request(`http://edge${path}`, { method, headers: { authorization: 'Bearer weft-local' }, ...sent })
    const context = { waitUntil: (promise: Promise<unknown>) => void work.push(promise), passThroughOnException() {}, props: {} }
    const answer = await container.get(tokens.app).fetch(request, {}, context)
    return { ...((await answer.json()) as object), http: answer.status }
  }
  return { ask, work }
}
const script = (...steps: object[]) => fetch(`${runner.url}/script`, { method: 'PUT', body: JSON.stringify([...steps, healthy()]) })
const seen = async () => (await (await fetch(`${runner.url}/script`)).json()) as { path: string; body: { composition: string | null } }[]

test('no copy of a request reaches a runner that the policy of its tenant refuses', async () => {
  const { ask, work } = fresh()
  await ask('/v1/adapters?name=secret/plan', 'POST', await adapterFile())
  const shadow = { composition: 'base + secret/plan', share: 1 }
  expect(await ask('/v1/routes/copied', 'PUT', { composition: 'base', shadow })).toMatchObject({ http: 200 })
  await ask('/v1/policy', 'PUT', { deny: ['secret/*'] })
  await script({ on: 'POST /generate', json: generated, times: 0 })
  expect(await ask('/v1/completions', 'POST', { model: 'copied', prompt: 'My' })).toMatchObject({ http: 200 })
  await Promise.all(work)

  const asked = (await seen()).filter(({ path }) => path === '/generate')
  expect(asked.map(({ body }) => body.composition)).toEqual([null])
  const { data } = await ask('/v1/usage?route=copied')
  expect(data).toMatchObject([
    { kind: 'answer', failed: 0 },
    { kind: 'shadow', failed: 1, prompt_tokens: 0 },
  ])
})

test('no runner is asked what of auto(…) acts for a request that is over its limits, or asks for too long an answer', async () => {
  const { ask } = fresh()
  const vectors = (...embeddings: number[][]) => ({
    on: 'POST /embed',
    json: { results: embeddings.map((embedding) => ({ embedding })), usage: { prompt_tokens: 1, completion_tokens: 0, total_tokens: 1 } },
  })
  const place = (_: string, n: number): number[] => [10, -2 + (n % 2) / 4, -2 + (n % 3) / 4]
  const everyday = [0, 16, 32].map((at) => ({ ...vectors(...everydayRequests.slice(at, at + 16).map(place)), says: everydayRequests[at]! }))
  for (const [n, text] of ['Is this mail spam?', 'Call me Ishmael.'].entries()) {
    await ask(`/v1/adapters?name=auto/${n ? 'sea' : 'mail'}`, 'POST', await adapterFile({ value: n / 8 }))
    await ask(`/v1/adapters/auto/${n ? 'sea' : 'mail'}/probes`, 'PUT', { data: [{ text }] })
  }
  await ask('/v1/policy', 'PUT', { requests_per_day: 1, max_tokens: 10 })
  const held = { on: 'PUT /compositions', status: 204, times: 0 }
  const known = [{ ...vectors([10, 2, 0]), says: 'Is this mail' }, { ...vectors([10, 0, 2]), says: 'Call me' }, ...everyday]
  await script(...known, vectors([10, 2, 0]), held, { on: 'POST /generate', json: generated, times: 0 })
  const complete = (tokens: number) => ask('/v1/completions', 'POST', { model: 'auto(auto/mail, auto/sea)', prompt: 'Spam?', max_tokens: tokens })

  expect(await complete(11)).toMatchObject({ http: 403, error: { code: 'policy_refused', param: 'max_tokens' } })
  expect((await seen()).filter(({ path }) => path === '/embed')).toEqual([])
  expect(await complete(10)).toMatchObject({ http: 200, auto: { expression: 'auto/mail' } })
  expect(await complete(10)).toMatchObject({ http: 429, error: { code: 'rate_limit_exceeded' } })
  expect((await seen()).filter(({ path }) => path === '/embed')).toHaveLength(6)
})
