import { env } from 'cloudflare:workers'
import type { ResponseObject } from '@weft/protocol'
import { beforeEach, expect, test } from 'vitest'
import { cloudflareRoot } from '../../src/cloudflare-composition-root.ts'
import type { Responses } from '../../src/stores/responses.ts'
import { sqlResponses, sweepResponses } from '../../src/stores/sql/sql-responses.ts'
import { tokens } from '../../src/tokens.ts'
import { edge, generated, json, post, script, seen } from '../edge.ts'
import configuration from '../weft.config.ts'
import { events, inPieces, openai, respond } from './respond.ts'

beforeEach(() => script())

const ask = (input: string, previous_response_id?: string, rest: object = {}) =>
  respond({ input, ...(previous_response_id && { previous_response_id }), ...rest })
const said = async () => ((await seen()) as { body: any }[]).at(-1)!.body.prompt.messages.map(({ content }: { content: string }) => content)

test('a conversation goes on from a stored response, without its instructions', async () => {
  await script(generated('Hi, Ada.'), inPieces('Ada.'), generated('Bye.'))
  const first = await ask('I am Ada.', undefined, { instructions: 'Be kind.' })
  const second = (await events({ input: 'Who am I?', previous_response_id: first.id })).at(-1).response
  expect(second).toMatchObject({ previous_response_id: first.id, instructions: null, store: true })
  expect(await ask('Bye.', second.id)).toMatchObject({ http: 200 })
  expect(await said()).toEqual(['I am Ada.', 'Hi, Ada.', 'Who am I?', 'Ada.', 'Bye.'])
})

test('what is stored is found as it was answered, and listed as it was read', async () => {
  await script(generated('Hi.'), generated('Again.'))
  const first = await openai.responses.create({ model: 'base', input: 'One', metadata: { subjectLine: 'a' } })
  const second = await openai.responses.create({ model: 'base', input: [{ role: 'user', content: 'Two' }], previous_response_id: first.id })
  expect(await openai.responses.retrieve(first.id)).toEqual(first)
  const texts = async (order: 'asc' | 'desc') => {
    const all = []
    for await (const item of openai.responses.inputItems.list(second.id, { order, limit: 2 }))
      all.push((item as { content: { text: string }[] }).content[0]!.text)
    return all
  }
  expect(await texts('asc')).toEqual(['One', 'Hi.', 'Two'])
  expect(await texts('desc')).toEqual(['Two', 'Hi.', 'One'])
  await openai.responses.delete(second.id)
  await expect(openai.responses.retrieve(second.id)).rejects.toMatchObject({ status: 404, code: 'response_not_found' })
})

test('a conversation that lost its beginning says so', async () => {
  await script(generated('a'), generated('b'))
  const first = await ask('One')
  const second = await ask('Two', first.id)
  await edge(`/v1/responses/${first.id}`, { method: 'DELETE' })
  expect(await ask('Three', second.id)).toMatchObject({
    http: 404,
    error: { code: 'response_not_found', param: 'previous_response_id', message: expect.stringContaining(first.id) },
  })
})

test('the message of a broken conversation says which of its responses is gone, and what went on from it', async () => {
  await script(generated('a'), generated('b'), generated('c'))
  const first = await ask('One')
  const second = await ask('Two', first.id)
  const third = await ask('Three', second.id)
  await edge(`/v1/responses/${first.id}`, { method: 'DELETE' })
  const message = async (previous: string) => (await ask('Four', previous)).error.message
  const gone = 'which was deleted or has expired: the conversation has lost its beginning. Send its items as "input".'
  expect(await message(second.id)).toBe(`"${second.id}" goes on from "${first.id}", ${gone}`)
  expect(await message(third.id)).toBe(`"${third.id}" goes on from "${second.id}", and that from "${first.id}", ${gone}`)
})

test('items are named by their ids, as long as they are kept', async () => {
  await script(generated('Hi.'), generated('Yes.'))
  const { id, output } = await ask('One')
  await respond({
    input: [
      { role: 'user', content: 'One' },
      { type: 'item_reference', id: output[0].id },
      { role: 'user', content: 'Two' },
    ],
  })
  expect(await said()).toEqual(['One', 'Hi.', 'Two'])
  await edge(`/v1/responses/${id}`, { method: 'DELETE' })
})

test('what is not to be stored is not', async () => {
  await script(generated('Hi.'))
  const { id, store } = await ask('One', undefined, { store: false })
  expect(store).toBe(false)
  expect(await json(edge(`/v1/responses/${id}`))).toMatchObject({ http: 404 })
  expect(await ask('Two', id)).toMatchObject({ http: 404, error: { param: 'previous_response_id' } })
})

test('one text that is too large to keep is refused, and may be answered unkept', async () => {
  await script(generated('Hi.'), generated('Hi.'))
  const input = 'a'.repeat(1_900_000)
  expect(await ask(input)).toMatchObject({ http: 413, error: { code: 'too_large_to_store', param: 'input[0]' } })
  expect(await ask(input, undefined, { store: false })).toMatchObject({ http: 200 })
  const items = Array.from({ length: 3 }, () => ({ role: 'user', content: 'b'.repeat(900_000) }))
  await script(generated('Hi.'), generated('Hi.'))
  const { id } = await respond({ input: items })
  expect((await json(edge(`/v1/responses/${id}/input_items`))).data).toHaveLength(3)
})

const response = (id: string, previousResponseId: string | null = null) =>
  ({ id, previousResponseId, createdAt: 1, output: [{ type: 'function_call', id: `fc_${id}` }] }) as unknown as ResponseObject

test('tenants see their own, and what has expired is gone once nobody went on from it', async () => {
  let now = 1000
  const [one, two] = ['one', 'two'].map((tenant) => sqlResponses(env.DB, tenant, () => now)) as [Responses, Responses]
  await one.put({ response: response('resp_a'), input: [], expiresAt: 1100 })
  await one.put({ response: response('resp_alone'), input: [], expiresAt: 1100 })
  await two.put({ response: response('resp_b', 'resp_a'), input: [], expiresAt: 1200 })
  expect(await two.get('resp_a')).toBeUndefined()
  expect(await two.conversation('resp_a')).toBeUndefined()
  expect(await two.conversation('resp_b')).toMatchObject({ broken: { missing: 'resp_a' } })
  expect([...(await two.items(['fc_resp_a', 'fc_resp_b'])).keys()]).toEqual(['fc_resp_b'])
  expect(await two.delete('resp_a')).toBe(false)
  await one.put({ response: response('resp_c', 'resp_a'), input: [], expiresAt: 1200 })
  now = 1150
  expect(await one.get('resp_alone')).toBeUndefined()
  expect((await one.conversation('resp_c'))!.items).toHaveLength(2)
  await sweepResponses(env.DB, now)
  const left = await env.DB.prepare("SELECT response FROM response_items WHERE tenant IN ('one', 'two') ORDER BY response").all<{ response: string }>()
  expect(left.results.map(({ response }) => response)).toEqual(['resp_a', 'resp_b', 'resp_c'])
  now = 1300
  await sweepResponses(env.DB, now)
  expect(await env.DB.prepare("SELECT count(*) AS n FROM responses WHERE tenant IN ('one', 'two')").first('n')).toBe(0)
})

test('a deployment that keeps nothing says so', async () => {
  await script(generated('Hi.'))
  const app = cloudflareRoot(env, { ...configuration, responses: { retentionDays: 0 } }).get(tokens.app)
  const send = (body: object) =>
    json(
      Promise.resolve(
        app.fetch(
          new Request('http://127.0.0.1:8787/v1/responses', { method: 'POST', headers: { authorization: 'Bearer weft-local' }, body: JSON.stringify(body) }),
          env,
          { waitUntil() {}, passThroughOnException() {}, props: {} } as never,
        ),
      ),
    )
  expect(await send({ model: 'base', input: 'One', store: true })).toMatchObject({ http: 400, error: { code: 'storing_is_off', param: 'store' } })
  const { id, store } = await send({ model: 'base', input: 'One' })
  expect(store).toBe(false)
  expect(await json(edge(`/v1/responses/${id}`))).toMatchObject({ http: 404 })
  expect(await json(post('/v1/responses', { model: 'base', input: 'One', previous_response_id: id }))).toMatchObject({ http: 404 })
})
