import { beforeAll, beforeEach, expect, test } from 'vitest'
import { adapterFile, dataOf, edge, generated, json, post, publish, script, seen, streamed, until } from '../edge.ts'

const put = (name: string, body: unknown) => json(edge(`/v1/routes/${name}`, { method: 'PUT', body: JSON.stringify(body) }))
const complete = (model: string, more: object = {}, headers: Record<string, string> = {}) =>
  post('/v1/completions', { model, prompt: 'My', ...more }, { headers })
const rollback = (name: string, body?: object) => json(edge(`/v1/routes/${name}/rollback`, { method: 'POST', ...(body ? { body: JSON.stringify(body) } : {}) }))
const held = { on: 'PUT /compositions/', status: 204, json: {}, times: 0 }
const notHeld = (times = 1) => ({ on: 'POST /generate', status: 424, json: { error: { code: 'composition_not_held', message: 'no' } }, times })

beforeAll(async () => {
  await publish('style/speech', await adapterFile())
  await publish('style/whale', await adapterFile({ value: 0.25 }))
})
beforeEach(() => script({ ...generated(), times: 0 }))

test('every change of a route is a version, and each can be had back', async () => {
  expect(await put('versioned', { composition: 'base + style/speech' })).toMatchObject({ http: 200, version: 1 })
  expect(await put('versioned', { composition: 'base + style/whale', description: 'of whales' })).toMatchObject({ version: 2 })
  expect((await complete('versioned')).headers.get('x-weft-route')).toBe('versioned@2')
  expect(await rollback('versioned')).toMatchObject({ http: 200, version: 3, composition: 'base + style/speech' })
  expect((await complete('versioned')).headers.get('x-weft-route')).toBe('versioned@3')
  expect(await rollback('versioned', { version: 2 })).toMatchObject({ version: 4, composition: 'base + style/whale', description: 'of whales' })
  const { data } = await json(edge('/v1/routes/versioned/versions'))
  expect(data.map(({ version, composition }: { version: number; composition: string }) => [version, composition])).toEqual([
    [4, 'base + style/whale'],
    [3, 'base + style/speech'],
    [2, 'base + style/whale'],
    [1, 'base + style/speech'],
  ])
  expect(await rollback('versioned', { version: 9 })).toMatchObject({
    http: 404,
    error: { code: 'route_version_not_found', details: { versions: [4, 3, 2, 1] } },
  })
  expect(await rollback('nowhere')).toMatchObject({ http: 404, error: { code: 'route_not_found' } })
  await edge('/v1/routes/versioned', { method: 'DELETE' })
  expect(await put('versioned', { composition: 'base' })).toMatchObject({ version: 5 })
})

test("a deleted route is not had back under a name that is an adapter's by now", async () => {
  await put('once/route', { composition: 'base' })
  await edge('/v1/routes/once/route', { method: 'DELETE' })
  await publish('once/route', await adapterFile())
  expect(await rollback('once/route', { version: 1 })).toMatchObject({ http: 409, error: { code: 'name_taken' } })
  expect((await complete('once/route')).headers.get('x-weft-route')).toBeNull()
})

test.each([
  ['an operand that stands twice', { composition: 'base + experts(style/speech, style/speech@1)' }, 'operands_alike', 'composition'],
  ['an operator inside an expression', { composition: 'style/speech + experts(style/whale, "Hi.")' }, 'outputs_nested', 'composition'],
  [
    'a base model that does not stand first',
    { variants: [{ name: 'a', weight: 1, composition: 'style/speech + base' }] },
    'model_not_first',
    'variants[0].composition',
  ],
])('a route of what no request could be answered with is refused: %s', async (_, route, code, param) => {
  expect(await put('hopeless', route)).toMatchObject({ http: 400, error: { code, param } })
})

test('a route may choose by the request', async () => {
  expect(await put('chooses', { composition: 'base + auto(style/speech, 0.5*style/whale)' })).toMatchObject({ http: 200 })
  await edge('/v1/routes/chooses', { method: 'DELETE' })
})

test('a hundred changes at once are a hundred versions', async () => {
  const made = await Promise.all(Array.from({ length: 100 }, (_, i) => put('raced', { composition: 'base', description: String(i) })))
  expect(new Set(made.map(({ version }) => version)).size).toBe(100)
  const { data } = await json(edge('/v1/routes/raced/versions'))
  expect(await json(edge('/v1/routes/raced'))).toMatchObject({ version: 100, description: data[0].description })
})

test('a canary gets its share, by who asks, and the answer says which variant it was', async () => {
  const variants = [
    { name: 'stable', composition: 'base + style/speech', weight: 3 },
    { name: 'canary', composition: 'base + style/whale', weight: 1 },
  ]
  expect(await put('split', { variants, sticky_header: 'x-session-id' })).toMatchObject({ http: 200, composition: 'base + style/speech' })
  const variantOf = async (more: object, headers: Record<string, string> = {}) => (await complete('split', more, headers)).headers.get('x-weft-variant')
  // Ten at a time: where others have the cores, eighty at once wait longer for the runner than the edge does.
  const ofEighty = async () => {
    const found: (string | null)[] = []
    for (let at = 0; at < 80; at += 10) found.push(...(await Promise.all(Array.from({ length: 10 }, (_, i) => variantOf({ user: `user-${at + i}` })))))
    return found
  }
  const chosen = await ofEighty()
  const canaries = chosen.filter((name) => name === 'canary').length
  expect(canaries).toBeGreaterThan(8)
  expect(canaries).toBeLessThan(36)
  expect(await ofEighty()).toEqual(chosen)
  // The header that the route names comes before the user.
  const one = await variantOf({ user: 'user-1' }, { 'x-session-id': 'a' })
  for (let i = 0; i < 10; i++) expect(await variantOf({ user: `user-${i}` }, { 'x-session-id': 'a' })).toBe(one)
  expect((await json(post('/v1/compositions/explain', { model: 'split', user: 'user-1' }))).variant).toBe(chosen[1])

  const metrics = await until(async () => {
    const found = await json(edge('/v1/routes/split/metrics'))
    return found.data.reduce((sum: number, { requests }: { requests: number }) => sum + requests, 0) === 171 && found
  })
  expect(metrics).toMatchObject({ object: 'route.metrics', route: 'split' })
  const canary = metrics.data.find(({ variant }: { variant: string }) => variant === 'canary')
  expect(canary).toMatchObject({ version: 1, kind: 'answer', failed: 0, completion_tokens: 2 * canary.requests, mean_ms: expect.any(Number) })
})

test('a canary whose adapter is gone fails by its name: in headers, in metrics and in usage', async () => {
  await publish('cn/a', await adapterFile({ value: 0.375 }))
  await publish('cn/a', await adapterFile({ value: 0.625 }))
  const variants = [
    { name: 'stable', composition: 'base + cn/a@1', weight: 1 },
    { name: 'canary', composition: 'base + cn/a@2', weight: 1000 },
  ]
  await put('can', { variants })
  await put('copied', { variants: [{ name: 'only', composition: 'base', weight: 1 }], shadow: { composition: 'base + cn/a@2' } })
  expect(await json(edge('/v1/adapters/cn/a@2?force=true', { method: 'DELETE' }))).toMatchObject({ http: 200, deleted: true })
  for (let i = 0; i < 5; i++) {
    const refused = await complete('can', { user: `user-${i}` })
    expect(Object.fromEntries(refused.headers)).toMatchObject({ 'x-weft-route': 'can@1', 'x-weft-variant': 'canary' })
    expect(refused.headers.get('x-weft-composition')).toBeNull()
    expect(await json(refused)).toMatchObject({ http: 404, error: { code: 'adapter_version_not_found' } })
  }
  const failed = (requests: number) => ({ version: 1, variant: 'canary', kind: 'answer', requests, failed: requests })
  await until(async () => (await json(edge('/v1/routes/can/metrics'))).data[0]?.requests === 5)
  expect((await json(edge('/v1/routes/can/metrics'))).data).toMatchObject([failed(5)])
  expect((await json(edge('/v1/usage?route=can'))).data).toMatchObject([{ route: 'can', requests: 5, failed: 5 }])

  // A copy has no variant, whether it fails or not.
  expect(await json(complete('copied'))).toMatchObject({ http: 200 })
  const costs = await until(async () => {
    const { data } = await json(edge('/v1/routes/copied/metrics'))
    return data.length === 2 && data
  })
  expect(costs.map(({ kind, variant, failed }: Record<string, unknown>) => [kind, variant, failed])).toEqual([
    ['shadow', undefined, 1],
    ['answer', 'only', 0],
  ])
})

test('a shadow gets copies whose answers nobody sees, and whose cost is counted apart', async () => {
  await put('shadowed', { composition: 'base + style/speech', shadow: { composition: 'base + style/whale', share: 1 } })
  const plain = await json(complete('shadowed'))
  expect(plain).toMatchObject({ http: 200, usage: { completion_tokens: 2 } })
  const both = await until(async () => {
    const all = (await seen()).filter(({ path }) => path === '/generate')
    return all.length === 2 && all
  })
  const compositions = both.map(({ body }) => (body as { composition: string }).composition)
  expect(new Set(compositions).size).toBe(2)
  const kinds = await until(async () => {
    const { data } = await json(edge('/v1/usage?route=shadowed'))
    return data.length === 2 && data
  })
  expect(kinds.map(({ kind, requests, completion_tokens }: Record<string, unknown>) => [kind, requests, completion_tokens])).toEqual([
    ['answer', 1, 2],
    ['shadow', 1, 2],
  ])
})

test('a shadow that fails, hangs or has spent its day is nothing that a client could tell', async () => {
  await put('bounded', { composition: 'base', shadow: { composition: 'base + style/whale', tokens_per_day: 1 } })
  await script(
    { ...generated() },
    { on: 'POST /generate', status: 422, json: { error: { code: 'nothing_good', message: 'no' } } },
    { ...generated(), times: 0 },
  )
  expect(await json(complete('bounded'))).toMatchObject({ http: 200 })
  await until(async () =>
    (await json(edge('/v1/usage?route=bounded'))).data.some(({ kind, failed }: Record<string, unknown>) => kind === 'shadow' && failed === 1),
  )
  // The copy that failed has cost nothing; the next one costs more than the day has left.
  for (let i = 0; i < 3; i++) {
    expect(await json(complete('bounded'))).toMatchObject({ http: 200 })
    await new Promise((resolve) => setTimeout(resolve, 100))
  }
  expect((await seen()).filter(({ body }) => (body as { composition: string | null })?.composition !== null)).toHaveLength(2)
})

test('a copy of a streamed answer is read to its end', async () => {
  await put('streamed', { composition: 'base', shadow: { composition: 'base + style/whale' } })
  await script({ ...streamed(), times: 0 })
  expect(dataOf(await (await complete('streamed', { stream: true })).text()).at(-1)).toBe('[DONE]')
  await until(async () =>
    (await json(edge('/v1/usage?route=streamed'))).data.some(
      ({ kind, completion_tokens }: Record<string, unknown>) => kind === 'shadow' && completion_tokens === 2,
    ),
  )
})

test('where a runner takes no compositions, the text twin answers, and says so', async () => {
  await put('twinned', { composition: 'base + style/speech', twin: 'Answer as a president would.' })
  const refusing = { on: 'PUT /compositions/', status: 404, json: { error: { code: 'route_not_found', message: 'no' } }, times: 0 }
  await script(refusing, notHeld(), { ...generated(), times: 0 })
  const response = await complete('twinned')
  expect(Object.fromEntries(response.headers)).toMatchObject({ 'x-weft-twin': 'true', 'x-weft-route': expect.stringMatching(/^twinned@/) })
  expect(response.headers.get('x-weft-composition')).toBeNull()
  expect(await json(response)).toMatchObject({ http: 200, twin: true, choices: [{ text: ' fellow citizens' }] })
  expect((await seen()).at(-1)!.body).toMatchObject({ composition: null, prompt: { text: 'Answer as a president would.\nMy' } })

  await script(refusing, notHeld(), { ...generated(), times: 0 })
  const chat = await json(post('/v1/chat/completions', { model: 'twinned', messages: [{ role: 'user', content: 'Hi' }] }))
  expect(chat).toMatchObject({ http: 200, twin: true })
  expect((await seen()).at(-1)!.body).toMatchObject({ prompt: { messages: [{ role: 'system', content: 'Answer as a president would.' }, { role: 'user' }] } })

  await script(refusing, notHeld(), { ...streamed(), times: 0 })
  const chunks = dataOf(await (await complete('twinned', { stream: true })).text()).slice(0, -1)
  expect(chunks.map((chunk) => JSON.parse(chunk).twin)).toEqual(chunks.map(() => true))
  await until(async () =>
    (await json(edge('/v1/usage?route=twinned'))).data.some(({ kind, requests }: Record<string, unknown>) => kind === 'twin' && requests === 3),
  )
})

test('an adapter that is gone is no reason to fail, where a twin stands in', async () => {
  await publish('style/gone', await adapterFile({ value: 0.75 }))
  await put('orphaned', { composition: 'base + style/gone', twin: 'base + "Be grave. "' })
  await put('halves', { variants: [{ name: 'whole', weight: 1, composition: 'base + style/gone' }], twin: 'base + "Be grave. "' })
  expect(await json(edge('/v1/adapters/style/gone', { method: 'DELETE' }))).toMatchObject({ http: 409, error: { code: 'adapter_in_use' } })
  expect(await json(edge('/v1/adapters/style/gone?force=true', { method: 'DELETE' }))).toMatchObject({ http: 200, deleted: true })
  expect(await json(complete('orphaned'))).toMatchObject({ http: 200, twin: true })
  expect((await seen())[0]!.body).toMatchObject({ prompt: { text: 'Be grave. My' } })

  // It stands in for the variant that was meant, and is counted as that one's.
  const response = await complete('halves')
  expect(Object.fromEntries(response.headers)).toMatchObject({ 'x-weft-twin': 'true', 'x-weft-variant': 'whole' })
  await until(async () =>
    (await json(edge('/v1/routes/halves/metrics'))).data.some(({ kind, variant }: Record<string, unknown>) => kind === 'twin' && variant === 'whole'),
  )
})

test('a twin stands in for compositions only: not for a bad request, a full runner, or none', async () => {
  await put('strict', { composition: 'base + style/speech', twin: 'Answer as a president would.' })
  for (const [status, code] of [
    [422, 'context_length_exceeded'],
    [429, 'too_many_waiting'],
  ] as const) {
    await script(held, { on: 'POST /generate', status, json: { error: { code, message: 'no' } } }, { ...generated(), times: 0 })
    expect(await json(complete('strict'))).toMatchObject({ http: status, error: { code } })
  }
  await script({ on: 'POST /generate', then: 'die', times: 0 })
  expect(await json(complete('strict'))).toMatchObject({ http: 503 })
  // Vectors and labels of a head are nothing that a text could give.
  await script(
    { on: 'PUT /compositions/', status: 422, json: { error: { code: 'site_not_served', message: 'no' } }, times: 0 },
    { on: 'POST /embed', status: 424, json: { error: { code: 'composition_not_held', message: 'no' } } },
  )
  expect(await json(post('/v1/embeddings', { model: 'strict', input: 'x' }))).toMatchObject({ http: 422, error: { code: 'site_not_served' } })
})
