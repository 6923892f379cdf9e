import { beforeEach, expect, test } from 'vitest'
import { adapterFile, edge, generated, json, post, publish, refusal, script } from '../edge.ts'

beforeEach(() => script())

const put = (path: string, body: object) => json(edge(path, { method: 'PUT', body: JSON.stringify(body) }))
const refused = (http: number, param: string, message?: RegExp) => ({
  http,
  error: { param, ...(message && { message: expect.stringMatching(message) }) },
})

test('a route is rolled back to what adapters call it too', async () => {
  await put('/v1/routes/back', { composition: 'base' })
  await put('/v1/routes/back', { composition: 'base + "a"' })
  const rollback = (body: object) => json(post('/v1/routes/back/rollback', body))
  expect(await rollback({ to: 1 })).toMatchObject({ http: 200, version: 3, composition: 'base' })
  expect(await rollback({ version: 2 })).toMatchObject({ http: 200, version: 4, composition: 'base + "a"' })
  expect(await rollback({ to: 1, version: 2 })).toMatchObject(refused(400, 'to', /name one of them/))
})

test.each([
  ['/v1/routes/nothing', {}, 'composition', /expected one of/],
  ['/v1/routes/sticky', { composition: 'base', sticky_header: 'Authorization' }, 'sticky_header', /is a secret/],
  ['/v1/routes/3d', { composition: 'base' }, 'name', /expected a name/],
  ['/v1/adapters/style/speech/aliases/v3', { version: 1 }, 'alias', /no version such as/],
  ['/v1/signing_keys/nothing', {}, 'id', /expected "ed25519:"/],
])('PUT %s %j', async (path, body, param, message) => {
  await publish('style/speech', await adapterFile())
  expect(await put(path, body)).toMatchObject({ ...refused(400, param, message), error: { code: 'invalid_request' } })
})

test('what stands in a path is said to be at fault under its own name', async () => {
  for (const path of ['/v1/adapters/%zz', '/v1/adapters/a+b', '/v1/adapters/a+b/content'])
    expect(await json(edge(path))).toMatchObject({ http: 400, error: { param: 'id' } })
})

test('a key that signs nothing from the start is not trusted; one that is trusted may end', async () => {
  const key = `/v1/signing_keys/${encodeURIComponent(`ed25519:${'A'.repeat(42)}E`)}`
  expect(await put(key, { expires_at: 1 })).toMatchObject(refused(400, 'expires_at', /is past/))
  expect(await put(key, {})).toMatchObject({ http: 200 })
  expect(await put(key, { expires_at: 1 })).toMatchObject({ http: 200, expires_at: 1 })
})

test('a chat whose calls and answers do not belong together is refused with the path', async () => {
  const ask = (...messages: object[]) => json(post('/v1/chat/completions', { model: 'base', messages: [{ role: 'user', content: 'a' }, ...messages] }))
  const call = (args: string) => ({ role: 'assistant', content: null, tool_calls: [{ id: 'c1', type: 'function', function: { name: 'f', arguments: args } }] })
  expect(await ask(call('{}'), { role: 'tool', content: 'x', tool_call_id: 'c2' })).toMatchObject(
    refused(400, 'messages[2].tool_call_id', /no call of this id/),
  )
  expect(await ask({ role: 'tool', content: 'x', tool_call_id: 'c1' }, call('{}'))).toMatchObject(refused(400, 'messages[1].tool_call_id'))
  expect(await ask(call('{}'), { role: 'tool', content: 'x' })).toMatchObject(refused(400, 'messages[2].tool_call_id', /expected the id/))
  await script({ ...generated(), times: 0 })
  expect(await ask(call('{}'), { role: 'tool', content: 'x', tool_call_id: 'c1' })).toMatchObject({ http: 200 })
})

test('a chat that is too long is told of its messages', async () => {
  const long = { ...refusal(400, 'context_length_exceeded', 'POST /generate'), times: 0 }
  long.json = { error: { code: 'context_length_exceeded', message: 'too long', param: 'prompt' } }
  const messages = [{ role: 'user', content: 'a' }]
  for (const stream of [false, true]) {
    await script(long)
    expect(await json(post('/v1/chat/completions', { model: 'base', messages, stream }))).toMatchObject(refused(400, 'messages'))
  }
})

test('stops that would stop nothing, scopes that let nothing through, and times without a unit', async () => {
  for (const stop of ['', ['']]) expect(await json(post('/v1/completions', { model: 'base', prompt: 'a', stop }))).toMatchObject({ http: 400 })
  for (const scope of ['name/3d/', 'route/a/', 'name/a b', 'route/über', 'name//', 'model/'])
    expect(await json(post('/v1/keys', { role: 'caller', scopes: [scope] })), scope).toMatchObject(refused(400, 'scopes[0]'))
  for (const scope of ['name/legal/', 'name/le', 'route/a/b', 'model/org/Model-1.5', 'model/base'])
    expect(await json(post('/v1/keys', { role: 'caller', scopes: [scope] })), scope).toMatchObject({ http: 201 })
  expect(await json(post('/v1/keys', { role: 'caller', expires_in: '30d' }))).toMatchObject(refused(400, 'expires_in', /seconds/))
})

test('nothing scored has no perplexity', async () => {
  await script({ on: 'POST /score', json: { results: [{ tokens: 0, logprob: 0, perplexity: 1 }] } })
  expect((await json(post('/v1/score', { model: 'base', input: '' }))).data).toMatchObject([{ tokens: 0, perplexity: null }])
})

test('a method that there is not comes with those that there are', async () => {
  const form = new FormData()
  form.set('purpose', 'fine-tune')
  form.set('file', new File(['{"text": "a"}'], 'a.jsonl'))
  const { id } = await json(edge('/v1/files', { method: 'POST', body: form }))
  const train = (type: string, config: object = {}) =>
    json(post('/v1/fine_tuning/jobs', { model: 'base', training_file: id, suffix: 'style/new', method: { type, [type]: config } }))
  expect(await train('qlora')).toMatchObject({
    http: 404,
    error: { code: 'method_not_found', param: 'method.type', message: expect.stringContaining('"prefix-tuning"') },
  })
  expect(await train('lora', { rank: 8 })).toMatchObject({ http: 400, error: { message: expect.stringMatching(/unknown field "rank".*"r"/) } })
})
