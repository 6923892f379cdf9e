import { env } from 'cloudflare:workers'
import { floatTensor } from '@weft/adapters'
import { beforeEach, describe, expect, test } from 'vitest'
import { cloudflareRoot } from '../src/cloudflare-composition-root.ts'
import { tokens } from '../src/tokens.ts'
import { deployed } from './deployed.ts'
import { adapterFile, edge, generated, healthy, json, model, post, publish, script, seen } from './edge.ts'

const complete = (expression: string) => json(post('/v1/completions', { model: expression, prompt: 'My' }))
const explain = (expression: string) => json(post('/v1/compositions/explain', { model: expression }))
const put = (name: string, body: unknown) => json(edge(`/v1/routes/${name}`, { method: 'PUT', body: JSON.stringify(body) }))

beforeEach(() => script({ ...generated(), times: 0 }))

describe('what cannot be resolved', () => {
  test.each([
    ['base + 0.5*', 11],
    ['base ++ tone/warm', 6],
    ['mix(0.5*a', 9],
    ['base + "unfinished', 7],
    ['a b', 2],
  ])('%s points at the character', async (expression, offset) => {
    const { http: status, error } = await complete(expression)
    expect(status).toBe(400)
    expect(error).toMatchObject({ code: 'expression_syntax', param: 'model', details: { offset } })
    const [, drawn, caret] = error.message.split('\n')
    expect(drawn).toContain(expression)
    expect(caret.indexOf('^')).toBe(offset + 2)
  })

  test('an unknown adapter comes with the nearest names', async () => {
    await publish('style/speech', await adapterFile())
    expect(await complete('base + style/speach')).toMatchObject({
      http: 404,
      error: { code: 'adapter_not_found', details: { suggestions: ['style/speech'] } },
    })
  })

  test.each([
    ['basee + tone/warm', ['base']],
    ['bas', ['base']],
    // Only the first term may be a model.
    ['tone/plain + basee', []],
  ])('%s: a model that was meant is suggested', async (expression, suggestions) => {
    await publish('tone/plain', await adapterFile())
    expect(await complete(expression)).toMatchObject({ http: 404, error: { details: { suggestions } } })
  })

  test('a single unknown name may have meant a model, a route or an adapter', async () => {
    expect(await complete('oratr')).toMatchObject({ http: 404, error: { code: 'model_not_found', details: { suggestions: ['orator'] } } })
  })

  test.each(['base@1', 'base + base@2', '0.5*base@3'])('%s: a base model has no versions', async (expression) => {
    expect(await complete(expression)).toMatchObject({
      http: 400,
      error: { code: 'invalid_request', param: 'model', message: expect.stringContaining('a base model has no versions') },
    })
  })

  test('what a route names and is not there is told with the route', async () => {
    const { explain } = deployed({ routes: { lost: { composition: 'base + tone/lost' }, old: { composition: 'base + tone/plain@9' } } })
    const [composition, message] = [
      'base + tone/lost',
      expect.stringMatching(/^The route "lost" stands for base \+ tone\/lost: there is no adapter "tone\/lost"/),
    ]
    expect(await explain('lost')).toMatchObject({ http: 404, error: { code: 'adapter_not_found', param: 'model', message, details: { name: 'tone/lost' } } })
    expect((await explain(composition)).error.message).toMatch(/^there is no adapter/)
    await publish('tone/plain', await adapterFile())
    expect((await explain('old')).error).toMatchObject({ code: 'adapter_version_not_found', message: expect.stringMatching(/^The route "old" stands for /) })
  })

  test('a route stands alone', async () => {
    await publish('tone/plain', await adapterFile())
    const refused = { http: 400, error: { code: 'invalid_request', message: expect.stringContaining('"orator" is a route, which stands alone') } }
    for (const expression of ['base + orator', 'tone/plain + 0.5*orator', 'mix(orator, tone/plain)']) {
      expect(await complete(expression)).toMatchObject(refused)
      expect(await put('over', { composition: expression })).toMatchObject({ ...refused, error: { ...refused.error, param: 'composition' } })
    }
    expect(await put('over', { composition: 'base@1' })).toMatchObject({
      http: 400,
      error: { param: 'composition', message: expect.stringContaining('no versions') },
    })
  })

  test('an unknown version comes with those there are', async () => {
    await publish('style/song', await adapterFile())
    expect(await complete('style/song@7')).toMatchObject({
      http: 404,
      error: { code: 'adapter_version_not_found', details: { suggestions: ['style/song@1'] } },
    })
    // A file that no version has is a version that there is not, too, wherever it stands.
    const digest = `sha256:${'ab'.repeat(32)}`
    for (const model of [`style/song@${digest}`, `base + style/song@${digest}`])
      expect(await complete(model)).toMatchObject({ http: 404, error: { code: 'adapter_version_not_found', details: { suggestions: ['style/song@1'] } } })
    expect(await complete(`style/sonk@${digest}`)).toMatchObject({ http: 404, error: { details: { suggestions: expect.arrayContaining(['style/song']) } } })
  })

  test('an adapter of another base model', async () => {
    await publish('style/misfit', await adapterFile({ base: { name: 'other', fingerprint: `sha256:${'cd'.repeat(32)}`, architecture: 'llama' } }))
    const refused = await complete('base + style/misfit')
    expect(refused).toMatchObject({ http: 409, error: { code: 'wrong_base_model', message: expect.stringContaining('other') } })
    expect(JSON.stringify(refused).length).toBeLessThan(1000)
  })

  test('a composition over the position limit', async () => {
    await publish('style/long', await adapterFile({ rows: 40 }))
    expect(await explain('style/long + style/long')).toMatchObject({ http: 400, error: { code: 'context_length_exceeded', details: { limit: 64, rows: 80 } } })
    await script({ on: 'POST /generate', status: 424, json: { error: { code: 'composition_not_held', message: 'no' } } })
    expect(await complete('style/long + style/long')).toMatchObject({ http: 400, error: { code: 'context_length_exceeded' } })
    expect((await seen()).map(({ path }) => path)).toEqual(['/generate'])
  })

  test('terms that cannot go together name each other', async () => {
    const head = () => ({ head: { weight: floatTensor([2, 4], new Float32Array(8).fill(1)) } })
    const labels = ['ham', 'spam']
    await publish('mail/one', await adapterFile({ state: head(), labels, task: 'SEQ_CLS' }))
    await publish('mail/two', await adapterFile({ state: { head: { weight: floatTensor([2, 4], new Float32Array(8).fill(2)) } }, labels, task: 'SEQ_CLS' }))
    const { http: status, error } = await explain('mail/one + mail/two')
    expect(status).toBe(400)
    expect(error).toMatchObject({ code: 'stack_not_supported', message: expect.stringMatching(/mail\/one@1.*mail\/two@1/) })
    expect(await explain('0.5*mail/one')).toMatchObject({ http: 400, error: { code: 'strength_not_supported' } })
  })

  test('a strength that is not one', async () => {
    await publish('style/neg', await adapterFile())
    expect(await explain('-1*style/neg')).toMatchObject({ http: 400 })
    expect(await explain('1e999*style/neg')).toMatchObject({ http: 400 })
  })
})

describe('what would cost too much is refused before it does', () => {
  test('more terms than there may be, before any of them is looked up', async () => {
    expect(await complete(Array.from({ length: 900 }, (_, n) => `no/n${n}`).join('+'))).toMatchObject({ http: 400, error: { code: 'too_many_terms' } })
  })

  test("a long expression is no route's name, and nothing is asked of the routes", async () => {
    expect(await complete(`base + "${'long '.repeat(300)}"`)).toMatchObject({ http: 200 })
    expect(await json(edge(`/v1/routes/${'r'.repeat(600)}`))).toMatchObject({ http: 404, error: { code: 'route_not_found' } })
    expect(await complete(`base + ${'n'.repeat(4000)}`)).toMatchObject({ http: 404, error: { code: 'adapter_not_found' } })
  })

  test('adapters that are too large together, however few files they are', async () => {
    const prefix = floatTensor([2, 2, 1, 1000, 2], new Float32Array(8000).fill(0.1))
    const { bytes } = await json(publish('tone/large', await adapterFile({ method: 'prefix-tuning', rows: 1000, state: { keyValue: { prefix } } })))
    expect(await explain(Array(4).fill('tone/large').join(' + '))).toMatchObject({
      http: 413,
      error: { code: 'composition_too_large', details: { bytes: 4 * bytes, limit: 100_000 } },
    })
  })
})

describe('explain', () => {
  test('says what would run', async () => {
    await publish('tone/warm', await adapterFile({ rows: 3, value: 0.25 }))
    const prefix = (P: number) => ({ keyValue: { prefix: floatTensor([2, 2, 1, P, 2], new Float32Array(8 * P).fill(0.1)) } })
    await publish('tone/deep', await adapterFile({ method: 'prefix-tuning', rows: 4, state: prefix(4) }))
    await publish('tone/deeper', await adapterFile({ method: 'prefix-tuning', rows: 6, state: prefix(6) }))
    const answer = await explain('base + tone/deep + 0.5*tone/warm + tone/deeper + "Be brief."')
    expect(answer).toMatchObject({
      http: 200,
      object: 'composition',
      model: 'base',
      fingerprint: model.fingerprint,
      expression: 'base + tone/deep@1 + 0.5*tone/warm@1 + tone/deeper@1 + "Be brief."',
      key: expect.stringMatching(/^sha256:/),
      sites: ['inputsEmbeds', 'keyValue', 'text'],
      virtual_tokens: { rows: 3, prefix: 10, longest_prefix: 6, positions: 9 },
      texts: ['Be brief.'],
      max_positions: 64,
    })
    expect(answer.terms.find((term: { ref?: string }) => term.ref === 'tone/warm@1')).toMatchObject({ kind: 'adapter', weight: 0.5, method: 'prompt-tuning' })
  })

  test('names what acts inside layers, which takes no positions and whose order is free', async () => {
    const q = 'model.layers.0.self_attn.q_proj'
    const filled = (...shape: number[]) => floatTensor(shape, new Float32Array(shape.reduce((n, d) => n * d, 1)).fill(0.1))
    await publish(
      'law/low-rank',
      await adapterFile({ method: 'lora', config: { r: 2, targetModules: [q] }, state: { linear: { [`${q}.a`]: filled(2, 4), [`${q}.b`]: filled(4, 2) } } }),
    )
    await publish('law/factor', await adapterFile({ method: 'ia3', config: { targetModules: [q] }, state: { scale: { [`${q}.out`]: filled(4) } } }))
    const branch = { prefix: filled(2, 2, 1, 3, 2), gate: filled(2, 2, 1), lengths: floatTensor([1], Float32Array.of(3)) }
    await publish(
      'law/gated',
      await adapterFile({ method: 'parallel-prefix', config: { numVirtualTokens: 3, sinkColumn: false }, state: { gatedKeyValue: branch } }),
    )
    const answer = await explain('law/low-rank + 0.5*law/gated + law/factor')
    expect(answer).toMatchObject({
      http: 200,
      sites: ['gatedKeyValue', 'linear', 'scale'],
      virtual_tokens: { rows: 0, prefix: 0, longest_prefix: 0, positions: 0 },
    })
    expect(await explain('law/factor + 0.5*law/gated + law/low-rank')).toMatchObject({ key: answer.key })
    expect((await explain('law/factor + law/gated + law/low-rank')).key).not.toBe(answer.key)
  })

  test('one key for one composition, however it is spelled', async () => {
    await publish('tone/a', await adapterFile({ value: 1 }))
    await publish('tone/b', await adapterFile({ value: 2 }))
    const keyOf = async (expression: string) => (await explain(expression)).key
    const key = await keyOf('base + tone/a + tone/b')
    expect(await keyOf('tone/a@1+tone/b')).toBe(key)
    expect(await keyOf('1*(tone/a + tone/b) + 0*tone/a')).toBe(key)
    expect(await keyOf('tone/b + tone/a')).not.toBe(key)
    expect(await keyOf('base')).toBeNull()
  })
})

describe('routes', () => {
  test('of the config answer, with their defaults', async () => {
    await publish('style/speech', await adapterFile())
    await json(post('/v1/completions', { model: 'orator', prompt: 'My', max_tokens: 3 }))
    expect((await seen())[0]!.body).toMatchObject({ max_tokens: 3, temperature: 0, composition: expect.stringMatching(/^sha256:/) })
    expect(await explain('orator')).toMatchObject({ route: 'orator' })
    await json(post('/v1/completions', { model: 'base', prompt: 'My', top_k: 2 }))
    expect((await seen()).map(({ body }) => body)).toMatchObject([{ top_k: 13 }, { top_k: 2, max_tokens: 5 }])
    expect(await json(edge('/v1/routes/orator', { method: 'DELETE' }))).toMatchObject({ http: 409, error: { code: 'route_is_configured' } })
  })

  test('are put, served, listed and deleted; their names may have slashes', async () => {
    await publish('tone/kind', await adapterFile({ value: 0.7 }))
    expect(await put('team/mail', { composition: 'base + 0.5*tone/kind', defaults: { temperature: 0.3, max_tokens: 11 } })).toMatchObject({
      http: 200,
      id: 'team/mail',
      object: 'route',
      composition: 'base + 0.5*tone/kind',
      defaults: { temperature: 0.3, max_tokens: 11 },
    })
    expect(await complete('team/mail')).toMatchObject({ http: 200 })
    expect((await seen())[0]!.body).toMatchObject({ temperature: 0.3, max_tokens: 11 })
    expect(await json(edge('/v1/routes/team%2Fmail'))).toMatchObject({ http: 200, name: 'team/mail' })
    await put('team/mail', { composition: 'base' })
    expect(await explain('team/mail')).toMatchObject({ key: null })
    expect((await json(edge('/v1/routes'))).data.map(({ name }: { name: string }) => name)).toEqual(['orator', 'team/mail'])
    expect(await json(edge('/v1/routes/team/mail', { method: 'DELETE' }))).toMatchObject({ deleted: true, object: 'route' })
    expect(await json(edge('/v1/routes/team/mail'))).toMatchObject({ http: 404, error: { code: 'route_not_found' } })
  })

  test('a route and an adapter of one name are refused, whichever comes second', async () => {
    const taken = { http: 409, error: { code: 'name_taken', param: 'name' } }
    await publish('tone/first', await adapterFile({ value: 0.9 }))
    expect(await put('tone/first', { composition: 'base' })).toMatchObject(taken)
    expect(await explain('tone/first')).toMatchObject({ expression: 'base + tone/first@1' })
    const upload = async (name: string) => json(edge(`/v1/adapters?name=${name}`, { method: 'POST', body: await adapterFile() }))
    expect(await upload('orator')).toMatchObject(taken)
    await put('team/second', { composition: 'base' })
    expect(await upload('team/second')).toMatchObject(taken)
    await edge('/v1/routes/team/second', { method: 'DELETE' })
    expect(await upload('team/second')).toMatchObject({ http: 201 })
  })

  test('a bad one is refused as it is put', async () => {
    expect(await put('bad', { composition: 'base + nothing/here' })).toMatchObject({ http: 404, error: { code: 'adapter_not_found' } })
    expect(await put('bad', { composition: 'base +' })).toMatchObject({ http: 400, error: { code: 'expression_syntax' } })
    expect(await put('bad', { composition: 'base', colour: 'red' })).toMatchObject({ http: 400, error: { code: 'invalid_request', param: 'colour' } })
    for (const name of ['1bad', 'base']) expect(await put(name, { composition: 'base' })).toMatchObject({ http: 400, error: { code: 'invalid_request' } })
  })
})

test('an adapter that acts where the runner lets none act is refused before it is asked', async () => {
  await publish('sites/rows', await adapterFile({ value: 0.77 }))
  const served = { ...model, sites: ['linear'] }
  await script(healthy([served]))
  const fresh = cloudflareRoot(env).get(tokens.app)
  const headers = { authorization: 'Bearer weft-local' }
  const body = JSON.stringify({ model: 'sites/rows', prompt: 'a' })
  expect(await json(fresh.fetch(new Request('http://127.0.0.1:8787/v1/completions', { method: 'POST', body, headers }), env))).toMatchObject({
    http: 422,
    error: { code: 'site_not_served', details: { site: 'inputsEmbeds', served: ['linear'] } },
  })
  expect(await seen()).toEqual([])
})

test('a strength that no runner takes is refused before it is sent to one, with what would be taken', async () => {
  await publish(
    'steer/far',
    await adapterFile({ method: 'steering', config: { layers: [0] }, state: { residual: { '0.vector': floatTensor([4], Float32Array.of(3, 4, 0, 0)) } } }),
  )
  expect(await explain('base + 1e6*steer/far')).toMatchObject({
    http: 400,
    error: { code: 'invalid_strength', param: 'model', message: expect.stringMatching(/1000000.+"steer\/far@1".+at most 1900 in size/) },
  })
  await script({ on: 'POST /generate', status: 424, json: { error: { code: 'composition_not_held', message: 'no' } } })
  expect(await complete('base + 1e6*steer/far')).toMatchObject({ http: 400, error: { code: 'invalid_strength' } })
  expect((await seen()).filter(({ method }) => method === 'PUT')).toEqual([])
  expect(await explain('base + 1900*steer/far')).toMatchObject({ http: 200 })
})
