import { env, exports } from 'cloudflare:workers'
import { floatTensor, textState } from '@weft/adapters'
import OpenAI from 'openai'
import { beforeEach, expect, test } from 'vitest'
import { cloudflareRoot } from '../src/cloudflare-composition-root.ts'
import { tokens } from '../src/tokens.ts'
import { adapterFile, edge, generated, healthy, json, model, publish, script } from './edge.ts'

const openai = new OpenAI({
  apiKey: 'weft-local',
  baseURL: 'http://127.0.0.1:8787/v1',
  maxRetries: 0,
  fetch: (url, init) => exports.default.fetch(new Request(url as string, init as RequestInit)),
})
beforeEach(() => script())

const head = { head: { weight: floatTensor([2, 4], new Float32Array(8).fill(1)) } }

test('entries say what they are, what they compose over, and what they do', async () => {
  await publish('model/tone', await adapterFile())
  await publish('model/tone', await adapterFile({ value: 2 }))
  await publish('model/spam', await adapterFile({ state: head, task: 'SEQ_CLS', labels: ['ham', 'spam'] }))
  await edge('/v1/routes/model/route', { method: 'PUT', body: JSON.stringify({ composition: 'base + model/spam' }) })
  const { data } = await json(edge('/v1/models'))
  const of = (id: string) => data.find((each: { id: string }) => each.id === id)
  expect(of('base')).toMatchObject({ kind: 'base', base: 'base', task: 'CAUSAL_LM' })
  for (const id of ['model/tone', 'model/tone@1', 'model/tone@2']) expect(of(id)).toMatchObject({ kind: 'adapter', base: 'base', task: 'CAUSAL_LM' })
  expect(of('model/spam')).toMatchObject({ kind: 'adapter', task: 'SEQ_CLS' })
  expect(of('model/route')).toMatchObject({ kind: 'route', base: 'base', task: 'SEQ_CLS', composition: 'base + model/spam' })
  expect(await openai.models.retrieve('model/tone')).toMatchObject({ id: 'model/tone', kind: 'adapter' })
})

test('a composition is looked up as it is asked for, and what it names has to be there', async () => {
  await publish('composed/tone', await adapterFile())
  await publish('composed/tone', await adapterFile({ value: 2 }))
  await publish('composed/other', await adapterFile({ value: 3 }))
  await publish('composed/spam', await adapterFile({ state: head, task: 'SEQ_CLS', labels: ['ham', 'spam'] }))
  const id = 'base + 0.5*composed/tone + "Be kind."'
  expect(await openai.models.retrieve(id)).toMatchObject({
    ...{ id, object: 'model', kind: 'composition', base: 'base', task: 'CAUSAL_LM' },
    composition: 'base + 0.5*composed/tone@2 + "Be kind."',
    created: expect.toSatisfy((created: number) => created > 1e9),
  })
  expect(await openai.models.retrieve('ensemble(composed/tone@1, composed/tone)')).toMatchObject({
    composition: 'base + ensemble(composed/tone@1, composed/tone@2)',
  })
  expect(await openai.models.retrieve('base + composed/tone + composed/spam')).toMatchObject({ task: 'SEQ_CLS' })
  // Whatever can be asked, however it is written.
  const { digest } = await json(edge('/v1/adapters/composed/tone@1'))
  for (const [asked, composition] of [
    [`composed/tone@${digest}`, 'base + composed/tone@1'],
    ['(composed/tone)', 'base + composed/tone@2'],
    [' composed/tone@1', 'base + composed/tone@1'],
    ['(base)', 'base'],
  ])
    expect(await openai.models.retrieve(asked!)).toMatchObject({ id: asked, kind: 'composition', composition })
  const refused = async (model: string) => json(edge(`/v1/models/${encodeURIComponent(model)}`))
  expect(await refused('base + composed/ton')).toMatchObject({ http: 404, error: { details: { suggestions: expect.arrayContaining(['composed/tone']) } } })
  expect(await refused('auto(composed/tone, composed/other)')).toMatchObject({ http: 409, error: { code: 'auto_without_probes' } })
  for (const [model, code] of [
    ['base + (composed/tone', 'expression_syntax'],
    ['base +', 'expression_syntax'],
    ['1e999*composed/tone', 'invalid_strength'],
  ] as const)
    expect(await refused(model), model).toMatchObject({ http: 400, error: { code } })
  expect(await json(edge(`/v1/models/${encodeURIComponent(id)}`, { method: 'DELETE' }))).toMatchObject({ http: 404 })
})

/** An edge that has yet to ask its runner what it holds. */
const freshEdge = () => {
  const app = cloudflareRoot(env).get(tokens.app)
  const context = { waitUntil() {}, passThroughOnException() {}, props: {} } as never
  return (path: string) =>
    json(Promise.resolve(app.fetch(new Request(`http://127.0.0.1:8787${path}`, { headers: { authorization: 'Bearer weft-local' } }), env, context)))
}

test("the base model's real name is listed, found and suggested", async () => {
  await script(healthy([{ ...model, name: 'tiny-llama' }]))
  const get = freshEdge()
  expect(await get('/v1/models/tiny-llama')).toMatchObject({ http: 200, kind: 'base', base: 'tiny-llama' })
  expect(await get('/v1/models/base')).toMatchObject({ http: 200, base: 'tiny-llama' })
  expect(await get('/v1/models/tiny-lama')).toMatchObject({ http: 404, error: { details: { suggestions: ['tiny-llama'] } } })
})

test('an adapter of another base is marked and not offered', async () => {
  await publish('model/elsewhere', await adapterFile({ base: { name: 'another', fingerprint: `sha256:${'cd'.repeat(32)}`, architecture: 'llama' } }))
  const get = freshEdge()
  expect((await get('/v1/models')).data.map(({ id }: { id: string }) => id)).not.toContain('model/elsewhere')
  expect(await get('/v1/models/model/elsewhere')).toMatchObject({ http: 200, base: 'another', available: false })
  const { error } = await get('/v1/models/model/elsewher')
  expect(error.details?.suggestions ?? []).not.toContain('model/elsewhere')
})

test('a stored text is of no base model: it is listed without one, and composes over any', async () => {
  const base = { name: 'another', fingerprint: `sha256:${'cd'.repeat(32)}`, architecture: 'bert' }
  const file = await adapterFile({ method: 'text', config: { text: 'Be brief.' }, base, state: { text: textState('Be brief.') } })
  expect(await json(publish('model/brief', file))).toMatchObject({ http: 201 })
  const get = freshEdge()
  const entry = (await get('/v1/models')).data.find(({ id }: { id: string }) => id === 'model/brief')
  expect(entry).toMatchObject({ kind: 'adapter', task: 'CAUSAL_LM' })
  expect([entry.base, entry.available]).toEqual([undefined, undefined])
  const held = { on: 'POST /generate', status: 424, json: { error: { code: 'composition_not_held', message: 'no' } } }
  await script(held, { on: 'PUT /compositions/', status: 204, json: {} }, generated('Yes.'))
  const answer = await openai.chat.completions.create({ model: 'base + model/brief', messages: [{ role: 'user', content: 'Hello' }] })
  expect(answer.choices[0]!.message.content).toBe('Yes.')
})

test("no adapter and no route gets a base model's name, which would mean the model", async () => {
  await script(healthy([{ ...model, name: 'tiny-llama' }]))
  const app = cloudflareRoot(env).get(tokens.app)
  const context = { waitUntil() {}, passThroughOnException() {}, props: {} } as never
  const ask = (path: string, init: RequestInit) =>
    json(Promise.resolve(app.fetch(new Request(`http://127.0.0.1:8787${path}`, { ...init, headers: { authorization: 'Bearer weft-local' } }), env, context)))
  const taken = (param: string) => ({ http: 409, error: { code: 'name_taken', param, message: expect.stringContaining('"tiny-llama" is a base model') } })
  expect(await ask('/v1/adapters?name=tiny-llama', { method: 'POST', body: await adapterFile() })).toMatchObject(taken('name'))
  expect(await ask('/v1/routes/tiny-llama', { method: 'PUT', body: JSON.stringify({ composition: 'base' }) })).toMatchObject(taken('name'))
  const job = { model: 'base', training_file: 'file-none', suffix: 'tiny-llama' }
  expect(await ask('/v1/fine_tuning/jobs', { method: 'POST', body: JSON.stringify(job) })).toMatchObject(taken('suffix'))
})

test('adapters are deleted as OpenAI deletes fine-tuned models, and nothing else is', async () => {
  await publish('model/gone', await adapterFile({ value: 5 }))
  await publish('model/gone', await adapterFile({ value: 6 }))
  expect(await openai.models.delete('model/gone@1')).toEqual({ id: 'model/gone@1', object: 'model', deleted: true })
  expect(await json(edge('/v1/adapters/model/gone'))).toMatchObject({ id: 'model/gone@2' })
  expect(await openai.models.delete('model/gone')).toMatchObject({ deleted: true })
  await expect(openai.models.retrieve('model/gone')).rejects.toBeInstanceOf(OpenAI.NotFoundError)
  for (const [id, said] of [
    ['base', 'base model'],
    ['orator', 'DELETE /v1/routes/orator'],
  ])
    expect(await json(edge(`/v1/models/${id}`, { method: 'DELETE' }))).toMatchObject({
      http: 409,
      error: { code: 'model_not_deletable', message: expect.stringContaining(said!) },
    })
})
