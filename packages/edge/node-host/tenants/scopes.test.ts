import { afterAll, beforeAll, expect, test } from 'vitest'
import { tokens } from '../../src/tokens.ts'
import { deployment } from '../../test/deployment.ts'
import { startScriptedRunner } from '../../test/scripted-runner.test.server.ts'
import { adapterFile, healthy, model } from '../../test/tiny-model.ts'
import { memoryRoot } from '../memory-composition-root.ts'

let runner: Awaited<ReturnType<typeof startScriptedRunner>>
let edge: (key: string, path: string, method?: string, body?: object) => Promise<{ http: number } & Record<string, any>>
beforeAll(async () => {
  runner = await startScriptedRunner()
  const other = { ...model, name: 'other', fingerprint: `sha256:${'cd'.repeat(32)}` }
  await fetch(`${runner.url}/script`, { method: 'PUT', body: JSON.stringify([healthy([{ ...model, name: 'first' }, other])]) })
  const { container } = memoryRoot(deployment, runner.url, 1000)
  const context = { waitUntil() {}, passThroughOnException() {}, props: {} }
  edge = async (key, path, method = 'GET', body) => {
    const sent = body === undefined ? {} : { body: isJson(body) ? JSON.stringify(body) : (body as BodyInit) }
    const request = new Request(`http://edge${path}`, { method, headers: { authorization: `Bearer ${key}` }, ...sent })
    const answer = await container.get(tokens.app).fetch(request, {}, context)
    return { ...((await answer.json()) as object), http: answer.status }
  }
})
afterAll(() => runner.stop())

const isJson = (body: object): boolean => !(body instanceof Uint8Array || body instanceof FormData)
const operator = 'weft-local'
const keyOf = async (body: object): Promise<string> => (await edge(operator, '/v1/keys', 'POST', body)).secret

test('a route stands for no base model that the key of its writer may not ask', async () => {
  const publisher = await keyOf({ tenant: 'models', role: 'publisher', scopes: ['name/legal/', 'model/first'], new_tenant: true })
  const put = (route: object) => edge(publisher, '/v1/routes/legal/any', 'PUT', route)
  const shadow = { composition: 'other', share: 0.5 }
  for (const [route, param] of [
    [{ composition: 'other' }, 'composition'],
    [{ variants: [{ name: 'a', composition: 'other + "x"', weight: 1 }] }, 'variants[0].composition'],
    [{ composition: 'first', shadow }, 'shadow.composition'],
    [{ composition: 'first', twin: 'other + "Speak."' }, 'twin'],
  ] as const)
    expect(await put(route)).toMatchObject({ http: 404, error: { code: 'model_not_found', param, details: { name: 'other' } } })
  // "base" is the runner's first.
  for (const composition of ['first', 'base', '"Speak."']) expect(await put({ composition, twin: 'Speak like one.' })).toMatchObject({ http: 200 })

  // What another has written may be asked, and may not be written again.
  const admin = await keyOf({ tenant: 'models', role: 'admin' })
  for (const composition of ['other', 'first']) expect(await edge(admin, '/v1/routes/legal/any', 'PUT', { composition })).toMatchObject({ http: 200 })
  expect(await edge(publisher, '/v1/compositions/explain', 'POST', { model: 'legal/any' })).toMatchObject({ http: 200 })
  expect(await edge(publisher, '/v1/routes/legal/any/rollback', 'POST')).toMatchObject({ http: 404, error: { code: 'model_not_found' } })
})

test('a job trains the base model that is asked by "base", where the scopes of its key take that in', async () => {
  const trainer = async (scope: string): Promise<string> => keyOf({ tenant: 'models', role: 'trainer', scopes: ['name/legal/', scope] })
  const [first, other] = [await trainer('model/first'), await trainer('model/other')]
  const form = new FormData()
  form.set('purpose', 'fine-tune')
  form.set('file', new File([JSON.stringify({ prompt: 'a', completion: ' b' })], 'rows.jsonl'))
  const { id } = await edge(first, '/v1/files', 'POST', form)
  const train = (key: string, asked: string, suffix: string) =>
    edge(key, '/v1/fine_tuning/jobs', 'POST', { model: asked, training_file: id, suffix, method: { type: 'prompt-tuning' } })
  for (const asked of ['base', 'first']) expect(await train(first, asked, `legal/by-${asked}`)).toMatchObject({ http: 200, model: asked })
  for (const [key, asked] of [
    [other, 'base'],
    [other, 'first'],
    [first, 'other'],
  ] as const)
    expect(await train(key, asked, 'legal/none')).toMatchObject({ http: 404, error: { code: 'model_not_found' } })
})

test('a route hides no adapter, though a scope names the route alone', async () => {
  const admin = await keyOf({ tenant: 'hidden', role: 'admin', new_tenant: true })
  for (const name of ['orator', 'secret/plan']) expect(await edge(admin, `/v1/adapters?name=${name}`, 'POST', await adapterFile())).toMatchObject({ http: 201 })
  const publisher = await keyOf({ tenant: 'hidden', role: 'publisher', scopes: ['route/orator'] })
  const put = (name: string) => edge(publisher, `/v1/routes/${name}`, 'PUT', { composition: 'base' })
  expect(await put('orator')).toMatchObject({ http: 409, error: { code: 'name_taken' } })
  // What it is told of any other name says nothing of what there is.
  for (const name of ['secret/plan', 'secret/none']) expect(await put(name)).toMatchObject({ http: 403, error: { code: 'outside_scopes' } })
})

test('of shares a key with scopes sees those of what its scopes take in', async () => {
  const admin = await keyOf({ tenant: 'sharing', role: 'admin', new_tenant: true })
  const scoped = await keyOf({ tenant: 'sharing', role: 'admin', scopes: ['name/legal/'] })
  for (const prefix of ['legal/', 'legal/open/', 'sales/secret/'])
    expect(await edge(admin, '/v1/shares', 'PUT', { prefix, reader: 'acme' })).toMatchObject({ http: 200 })
  const seen = async (key: string) => (await edge(key, '/v1/shares')).data.map(({ prefix }: { prefix: string }) => prefix)
  expect(await seen(admin)).toEqual(['legal/', 'legal/open/', 'sales/secret/'])
  expect(await seen(scoped)).toEqual(['legal/', 'legal/open/'])
})
