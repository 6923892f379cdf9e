import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import { adapterFile, edge, generated, json, post, publish, script, seen } from '../edge.ts'

const put = (path: string, body: unknown) => json(edge(path, { method: 'PUT', body: JSON.stringify(body) }))
const setPolicy = (policy: object) => put('/v1/policy', policy)
const complete = (model: string, more: object = {}) => json(post('/v1/completions', { model, prompt: 'My', ...more }))
const explain = (model: string, more: object = {}) => json(post('/v1/compositions/explain', { model, ...more }))

beforeAll(async () => {
  await publish('style/speech', await adapterFile())
  await publish('mail/spam', await adapterFile({ value: 0.25 }))
})
beforeEach(async () => {
  await script({ ...generated(), times: 0 })
  await edge('/v1/policy', { method: 'DELETE' })
})
// What an isolate remembers of a policy outlives the stores, which each file begins with anew.
afterAll(() => edge('/v1/policy', { method: 'DELETE' }))

test('a request that a rule refuses never reaches the runner, and explain says every rule that would', async () => {
  expect(await setPolicy({ allow: ['style/*'], strength: { max: 1 }, max_virtual_tokens: 3, text: false })).toMatchObject({
    http: 200,
    object: 'policy',
    tenant: 'default',
    policy: { allow: ['style/*'] },
  })
  const expression = 'base + 2*style/speech + mail/spam + "be brief"'
  const refused = await complete(expression)
  expect(refused).toMatchObject({ http: 403, error: { code: 'policy_refused', param: 'model' } })
  expect(await seen()).toEqual([])
  const rules = ['allow', 'strength', 'max_virtual_tokens', 'text']
  expect(refused.error.details.refusals.map(({ rule }: { rule: string }) => rule)).toEqual(rules)
  const explained = await explain(expression)
  expect(explained).toMatchObject({ http: 200, policy: { allowed: false } })
  expect(explained.policy.refusals.map(({ rule }: { rule: string }) => rule)).toEqual(rules)
  expect(await complete('base + style/speech')).toMatchObject({ http: 200 })
  expect((await explain('base + style/speech')).policy).toEqual({ allowed: true, refusals: [] })
})

test('most tokens: more is refused, and what a request leaves open is bounded', async () => {
  await setPolicy({ max_tokens: 3 })
  expect(await complete('base', { max_tokens: 4 })).toMatchObject({ http: 403, error: { code: 'policy_refused', param: 'max_tokens' } })
  expect((await explain('base', { max_tokens: 4 })).policy).toMatchObject({ allowed: false, max_tokens: 3 })
  expect(await complete('base', { max_tokens: 2 })).toMatchObject({ http: 200 })
  expect(await complete('base')).toMatchObject({ http: 200 })
  expect(await json(post('/v1/chat/completions', { model: 'base', messages: [{ role: 'user', content: 'Hi' }] }))).toMatchObject({ http: 200 })
  expect((await seen()).map(({ body }) => (body as { max_tokens: number }).max_tokens)).toEqual([2, 3, 3])
})

test("a route's policy applies to its requests alone; texts of a route are its writer's", async () => {
  await setPolicy({ text: false })
  expect(await put('/v1/routes/brief', { composition: 'base + style/speech + "briefly"', policy: { max_tokens: 2 } })).toMatchObject({ http: 200 })
  expect(await complete('brief', { max_tokens: 2 })).toMatchObject({ http: 200 })
  expect(await complete('brief', { max_tokens: 3 })).toMatchObject({
    http: 403,
    error: { details: { refusals: [{ policy: 'route', rule: 'max_tokens' }] } },
  })
  expect(await complete('base', { max_tokens: 30 })).toMatchObject({ http: 200 })
  expect(await complete('base + "briefly"')).toMatchObject({ http: 403, error: { details: { refusals: [{ policy: 'tenant', rule: 'text' }] } } })
})

test.each([
  [{ strength: { min: 2, max: 1 } }, 'policy_contradiction', 'strength'],
  [{ allow: ['style/a'], deny: ['style/*'] }, 'policy_contradiction', 'allow[0]'],
  [{ concurrency: 0 }, 'invalid_request', 'concurrency'],
  [{ allow: ['Style speech'] }, 'invalid_request', 'allow[0]'],
  [{ max_token: 3 }, 'invalid_request', 'max_token'],
])('%j is not taken', async (policy, code, param) => {
  expect(await setPolicy(policy)).toMatchObject({ http: 400, error: { code, param } })
  expect((await json(edge('/v1/policy'))).policy).toEqual({})
})

test.each([
  [{ composition: 'base + mail/spam', policy: { allow: ['style/*'] } }, 'composition'],
  [{ composition: 'base', policy: { strength: { min: 1, max: 0 } } }, 'policy.strength'],
  [{ composition: 'base', policy: { concurrency: 0 } }, 'policy.concurrency'],
  [{ composition: 'base', defaults: { max_tokens: 9 }, policy: { max_tokens: 8 } }, 'defaults.max_tokens'],
  [{ variants: [{ name: 'a', composition: 'base + nothing/there', weight: 1 }] }, 'variants[0].composition'],
  [{ composition: 'base', shadow: { composition: 'base + nothing/there' } }, 'shadow.composition'],
  [{ composition: 'base', shadow: { composition: 'base +' } }, 'shadow.composition'],
  [{ variants: [{ name: 'a', composition: 'base +', weight: 1 }], policy: { allow: ['style/*'] } }, 'variants[0].composition'],
  [{ composition: 'base', twin: 'base + style/speech' }, 'twin'],
  [{}, 'composition'],
])('the route %j is not taken', async (route, param) => {
  expect(await put('/v1/routes/wrong', route)).toMatchObject({ error: { param } })
  expect(await json(edge('/v1/routes/wrong'))).toMatchObject({ http: 404 })
})

test("the runner is told a tenant's weight and a request's priority, which no route puts below what the tenant's policy leaves", async () => {
  const scheduled = async () => (await seen()).map(({ body }) => body as Record<string, unknown>).map(({ tenant_weight: w, priority }) => [w, priority])
  await put('/v1/routes/later', { composition: 'base + style/speech', policy: { priority: 7 } })
  await put('/v1/routes/urgent', { composition: 'base + style/speech', policy: { priority: -9 } })
  for (const model of ['base', 'later', 'urgent']) expect(await complete(model)).toMatchObject({ http: 200 })
  expect(await scheduled()).toEqual([
    [undefined, undefined],
    [undefined, 7],
    [undefined, undefined],
  ])
  await setPolicy({ weight: 2.5, priority: -4 })
  await script({ ...generated(), times: 0 })
  for (const model of ['base', 'later', 'urgent']) expect(await complete(model)).toMatchObject({ http: 200 })
  expect(await scheduled()).toEqual([
    [2.5, undefined],
    [2.5, 7],
    [2.5, -4],
  ])
  await setPolicy({ priority: 20 })
  await script({ ...generated(), times: 0 })
  for (const model of ['base', 'later']) expect(await complete(model)).toMatchObject({ http: 200 })
  expect(await scheduled()).toEqual([
    [undefined, 20],
    [undefined, 20],
  ])
  expect(await put('/v1/routes/heavy', { composition: 'base', policy: { weight: 2 } })).toMatchObject({
    http: 400,
    error: { code: 'policy_contradiction', message: expect.stringContaining('policy.weight') },
  })
  expect(await setPolicy({ weight: 0 })).toMatchObject({ http: 400, error: { param: 'weight' } })
})
