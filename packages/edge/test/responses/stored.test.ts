import { env } from 'cloudflare:workers'
import type { ConversationItem, ResponseObject } from '@weft/protocol'
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
  expect(first.completed_at).toBeGreaterThanOrEqual(first.created_at)
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

const message = (id: string, content: string, role = 'user') => ({ type: 'message', id, role, content })

test('an id names one item of a conversation: the same again is refused, and said where it stood', async () => {
  await script({ ...generated('Hi.'), times: 0 })
  const { id, output } = await ask('One')
  const [{ id: answer }] = output
  const reference = { type: 'item_reference', id: answer }
  for (const [body, param, first] of [
    [{ input: [message('msg_a', 'One'), message('msg_a', 'Two')] }, 'input[1].id', 'input[0]'],
    [{ input: [message('msg_a', 'One'), message('msg_b', 'Two'), message('msg_b', 'Two')] }, 'input[2].id', 'input[1]'],
    [{ input: [reference, { role: 'user', content: 'Two' }, reference] }, 'input[2].id', 'input[0]'],
    [{ input: [{ role: 'user', content: 'Two' }, reference], previous_response_id: id }, 'input[1].id', 'previous_response_id'],
    [{ input: [message(answer, 'Hi.', 'assistant')], previous_response_id: id }, 'input[0].id', 'previous_response_id'],
  ] as const)
    expect(await respond(body)).toMatchObject({
      http: 400,
      error: { code: 'duplicate_item', param, details: { first }, message: expect.stringContaining(first) },
    })
})

test('an item that two conversations have is named by its id where it says the same, and refused where it does not', async () => {
  await script({ ...generated('Hi.'), times: 0 })
  const { output } = await ask('One')
  const [{ id }] = output
  // A client that sends all of a conversation each time: the answer comes back, without what was told beside it.
  await respond({ input: [message('msg_first', 'One'), message(id, 'Hi.', 'assistant'), { role: 'user', content: 'Two' }] })
  const named = await respond({
    input: [
      { type: 'item_reference', id },
      { role: 'user', content: 'Three' },
    ],
  })
  expect(named).toMatchObject({ http: 200 })
  expect(await said()).toEqual(['Hi.', 'Three'])
  // What is kept of it is the answer itself.
  const { data } = await json(edge(`/v1/responses/${named.id}/input_items?order=asc`))
  expect(data[0]).toEqual(output[0])
  // Clients that count their messages, each conversation from 1.
  await respond({ input: [message('msg_1', 'I am Ada.')] })
  await respond({ input: [message('msg_1', 'I am Bob.')] })
  expect(await respond({ input: [{ type: 'item_reference', id: 'msg_1' }] })).toMatchObject({
    http: 400,
    error: { code: 'item_ambiguous', param: 'input[0].id', message: expect.stringContaining('2 different items') },
  })
})

test('a conversation of before that has ids twice is paged to its end', async () => {
  const responses = sqlResponses(env.DB, 'default', () => Math.floor(Date.now() / 1000))
  const text = (id: string, said: string): ConversationItem => ({
    type: 'message',
    id,
    role: 'user',
    status: 'completed',
    content: [{ type: 'input_text', text: said }],
  })
  const input = [text('a', '0'), text('b', '1'), text('a', '2'), text('c', '3'), text('c', '4'), text('d', '5')]
  await responses.put({ response: response('resp_twice'), input, expiresAt: Math.floor(Date.now() / 1000) + 1000 })
  for (const order of ['asc', 'desc'] as const)
    for (const limit of [1, 2, 3, 4, 20]) {
      const texts: string[] = []
      for await (const item of openai.responses.inputItems.list('resp_twice', { order, limit }))
        texts.push((item as { content: { text: string }[] }).content[0]!.text)
      expect(order === 'asc' ? texts : texts.reverse(), `${order} by ${limit}`).toEqual(['0', '1', '2', '3', '4', '5'])
    }
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
