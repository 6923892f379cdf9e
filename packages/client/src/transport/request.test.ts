import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import { WeftClient } from '../index.ts'
import { waitBefore } from './retries.ts'

/** A server that answers as it is told, request by request, and keeps what it was asked. */
type Answer = (request: IncomingMessage, response: ServerResponse, body: string) => void
let answers: Answer[] = []
let asked: { method: string; url: string; headers: IncomingMessage['headers']; body: string; closed: Promise<void> }[] = []
const server = createServer(async (request, response) => {
  const closed = new Promise<void>((resolve) => response.on('close', resolve))
  const parts: Buffer[] = []
  for await (const part of request) parts.push(part as Buffer)
  const body = Buffer.concat(parts).toString()
  asked.push({ method: request.method!, url: request.url!, headers: request.headers, body, closed })
  answers.shift()!(request, response, body)
})
let weft: WeftClient
beforeAll(async () => {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  weft = new WeftClient({ baseUrl: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, apiKey: 'key' })
})
afterAll(() => {
  server.closeAllConnections()
  server.close()
})
beforeEach(() => {
  answers = []
  asked = []
})

const json =
  (status: number, value: object, headers: Record<string, string> = {}): Answer =>
  (_, response) =>
    response.writeHead(status, { 'content-type': 'application/json', ...headers }).end(JSON.stringify(value))
const refused = (status: number, code: string, headers: Record<string, string> = {}): Answer =>
  json(status, { error: { code, message: code, param: 'model' } }, headers)
const models = json(200, { object: 'list', data: [] })
const chat = { model: 'base', messages: [{ role: 'user' as const, content: 'x' }] }
const job = { model: 'base', trainingFile: 'file-1' }

test('what leaves nothing behind is asked again, at the moment that the edge names and not before', async () => {
  answers = [refused(429, 'rate_limited', { 'retry-after': '0.2' }), (_, response) => response.destroy(), models]
  const began = performance.now()
  expect(await weft.models()).toEqual([])
  expect(performance.now() - began).toBeGreaterThan(200)
  expect(asked).toHaveLength(3)
  answers = [refused(503, 'runner_unavailable', { 'retry-after': '0' }), json(200, { choices: [] })]
  expect(await weft.chat.create(chat)).toEqual({ choices: [] })
})

test('who waits is told why, and for how long', async () => {
  const waits: [code: unknown, ms: number][] = []
  const { port } = server.address() as AddressInfo
  const told = new WeftClient({ baseUrl: `http://127.0.0.1:${port}`, onRetry: (error, ms) => waits.push([(error as { code: string }).code, ms]) })
  answers = [refused(429, 'rate_limited', { 'retry-after': '0.1' }), models]
  await told.models()
  expect(waits).toEqual([['rate_limited', expect.toSatisfy((ms: number) => ms >= 100 && ms <= 125)]])
})

test('what makes something is asked again with its key, and without one once', async () => {
  answers = [refused(502, 'bad_gateway', { 'retry-after': '0' }), json(200, { id: 'ftjob-1' }), json(200, { id: 'ftjob-2' })]
  expect(await weft.jobs.create(job)).toEqual({ id: 'ftjob-1' })
  const [first, second] = asked.map(({ headers }) => headers['idempotency-key'])
  expect(first).toMatch(/^[0-9a-f-]{36}$/)
  expect(second).toBe(first)
  await weft.jobs.create(job, { idempotencyKey: 'mine' })
  expect(asked[2]!.headers['idempotency-key']).toBe('mine')
  for (const call of [() => weft.jobs.cancel('ftjob-1'), () => weft.keys.create({ role: 'caller' }), () => weft.routes.put('a', { composition: 'base' })]) {
    answers = [refused(503, 'runner_unavailable')]
    await expect(call()).rejects.toMatchObject({ status: 503 })
  }
})

test('who is at fault, where, and in which request', async () => {
  answers = [refused(404, 'model_not_found', { 'x-request-id': 'req-7' })]
  await expect(weft.chat.create(chat)).rejects.toMatchObject({
    name: 'WeftError',
    status: 404,
    code: 'model_not_found',
    param: 'model',
    requestId: 'req-7',
    fault: 'caller',
  })
  expect(asked).toHaveLength(1)
  answers = [refused(429, 'over_quota', { 'retry-after': '3600' })]
  await expect(weft.models()).rejects.toMatchObject({ code: 'over_quota', retryAfter: 3600 })
  const nobody = new WeftClient({ baseUrl: 'http://127.0.0.1:9', maxRetries: 0 })
  await expect(nobody.models()).rejects.toMatchObject({ code: 'edge_unreachable', status: 503 })
})

test('a time that is over ends a call, also in the middle of its answer, and the edge is told of it', async () => {
  answers = [(_, response) => response.writeHead(200, { 'content-type': 'application/json' }).write('{"choices"')]
  await expect(weft.chat.create(chat, { timeoutMs: 150 })).rejects.toMatchObject({ code: 'request_timeout', status: 504 })
  expect(asked[0]!.headers['x-weft-deadline-ms']).toBe('150')
  await asked[0]!.closed
  answers = [() => {}]
  const leaving = AbortSignal.timeout(50)
  await expect(weft.chat.create(chat, { signal: leaving })).rejects.toMatchObject({ name: 'TimeoutError' })
})

test('a time longer than any timer runs is no time that is over at once', async () => {
  for (const timeoutMs of [Infinity, 3e9]) {
    answers = [(...asked) => setTimeout(() => models(...asked), 30)]
    expect(await weft.health({ timeoutMs })).toMatchObject({ object: 'list' })
  }
  expect(asked.map(({ headers }) => headers['x-weft-deadline-ms'])).toEqual(['2147483647', '2147483647'])
})

const events: Answer = (_, response) => {
  response.writeHead(200, { 'content-type': 'text/event-stream', 'x-weft-composition': 'sha256:1', 'x-weft-expression': 'a' })
  for (let i = 0; i < 3; i++) response.write(`data: {"choices":[{"index":0,"delta":{"content":"${i}"},"finish_reason":null}]}\n\n`)
}

test('a stream is left by its loop, by cancel and by its signal, and says who answers', async () => {
  answers = [events, events, events]
  for await (const chunk of weft.chat.stream(chat, { timeoutMs: 1000 })) if (chunk.choices[0]!.delta.content === '1') break
  await asked[0]!.closed

  const stream = weft.chat.stream(chat)
  expect(await stream.answeredBy).toEqual({ key: 'sha256:1', expression: 'a' })
  let text = ''
  for await (const chunk of stream) {
    text += chunk.choices[0]!.delta.content
    // The third chunk is the last that comes: the loop waits for more.
    if (text.length === 3) setTimeout(stream.cancel, 20)
  }
  expect(text).toBe('012')
  await asked[1]!.closed

  const leaving = new AbortController()
  const read = async (): Promise<void> => {
    for await (const _ of weft.chat.stream(chat, { signal: leaving.signal })) setTimeout(() => leaving.abort(), 20)
  }
  await expect(read()).rejects.toMatchObject({ name: 'AbortError' })
  await asked[2]!.closed
})

test('an upload tells how far it is', async () => {
  const told: number[] = []
  answers = [json(200, { id: 'file-1' })]
  const content = `${JSON.stringify({ text: 'x'.repeat(1000) })}\n`.repeat(400)
  expect(await weft.files.upload({ content }, { onProgress: (sent, total) => told.push(sent / total) })).toEqual({ id: 'file-1' })
  expect(asked[0]!.body).toContain(content)
  expect([told[0], told.at(-1), told.every((part, i) => i === 0 || part >= told[i - 1]!)]).toEqual([0, 1, true])
})

test('waits grow, are never the same, and end where the edge asks for too long a one', () => {
  const passing = { name: 'WeftError', status: 503, code: 'runner_unavailable', fault: 'ours' }
  const error = Object.assign(new Error('x'), passing)
  expect([0, 1, 2, 9].map((attempt) => waitBefore(error, attempt, () => 1))).toEqual([500, 1000, 2000, 8000])
  expect(waitBefore(error, 0, () => 0)).toBe(250)
  expect(waitBefore(Object.assign(new Error('x'), { ...passing, status: 404 }), 0)).toBeUndefined()
})

test('an upload whose connection broke is sent again, unless its body was a stream', async () => {
  const file = { id: 'file-1', object: 'file', bytes: 2, created_at: 1, filename: 'a.jsonl', purpose: 'fine-tune', rows: 1 }
  const broken: Answer = (request) => request.socket.destroy()
  answers = [broken, json(200, file)]
  await expect(weft.files.upload({ content: '{}', filename: 'a.jsonl' })).resolves.toMatchObject({ id: 'file-1' })
  expect(asked.map(({ body }) => body.includes('filename="a.jsonl"'))).toEqual([true, true])
  answers = [broken, json(200, file)]
  await expect(weft.files.upload({ content: '{}' }, { onProgress() {} })).rejects.toMatchObject({ code: 'edge_unreachable' })
})

test('an edge beneath a path of its host is asked there, with or without the /v1 that other clients have at the end', async () => {
  const { port } = server.address() as AddressInfo
  const page = { object: 'list', data: [], has_more: false, first_id: null, last_id: null }
  for (const path of ['', '/', '/v1', '/v1/', '/weft', '/weft/', '/weft/v1', '/a/b?x=1#y']) {
    const beneath = new WeftClient({ baseUrl: `http://127.0.0.1:${port}${path}` })
    answers = [json(200, {}), json(200, page)]
    await beneath.adapters.get('style/a@1')
    for await (const _ of beneath.responses.inputItems('resp_1'));
    const prefix = { '/weft': '/weft', '/weft/': '/weft', '/weft/v1': '/weft', '/a/b?x=1#y': '/a/b' }[path] ?? ''
    expect(
      asked.splice(0).map(({ url }) => url),
      path,
    ).toEqual([`${prefix}/v1/adapters/style%2Fa%401`, `${prefix}/v1/responses/resp_1/input_items?order=asc&limit=100`])
  }
})

test('an answer that is no JSON is told by code', async () => {
  answers = [(_, response) => response.writeHead(200, { 'content-type': 'text/html' }).end('<html>')]
  await expect(weft.models()).rejects.toMatchObject({
    name: 'WeftError',
    code: 'unexpected_response',
    message: expect.stringContaining('no JSON but text/html'),
  })
  answers = [(_, response) => response.end('')]
  await expect(weft.models()).rejects.toMatchObject({ code: 'unexpected_response' })
})

test('a number that JSON does not have is refused, and not sent as nothing', async () => {
  for (const temperature of [Number.NaN, Number.POSITIVE_INFINITY])
    await expect(weft.chat.create({ ...chat, temperature })).rejects.toMatchObject({ code: 'invalid_request', param: 'temperature', status: 400 })
  await expect(weft.completions.create({ model: 'base', prompt: 'x', topP: Number.NaN })).rejects.toMatchObject({ param: 'top_p' })
  expect(asked).toEqual([])
})

test('what no header takes is refused without being told, and leaves no timer behind', async () => {
  const { port } = server.address() as AddressInfo
  const timers = (): number => process.getActiveResourcesInfo().filter((each) => each === 'Timeout').length
  const before = timers()
  for (const [param, options] of [
    ['authorization', { apiKey: 'secret\nother' }],
    ['authorization', { apiKey: 'schlüssel' }],
    ['x-weft-tenant', { tenant: '日本' }],
  ] as const) {
    const refused = expect.objectContaining({ name: 'WeftError', code: 'invalid_request', param, message: expect.not.stringMatching(/secret|schl/) })
    await expect(new WeftClient({ baseUrl: `http://127.0.0.1:${port}`, ...options }).models()).rejects.toEqual(refused)
  }
  await expect(weft.jobs.create(job, { idempotencyKey: 'é' })).rejects.toMatchObject({ param: 'idempotency-key' })
  await expect(new WeftClient({ baseUrl: 'no address' }).models()).rejects.toMatchObject({ code: 'invalid_request', param: 'baseUrl' })
  const withPassword = expect.objectContaining({ name: 'WeftError', status: 400, param: 'baseUrl', message: expect.not.stringContaining('secret') })
  await expect(new WeftClient({ baseUrl: `http://me:secret@127.0.0.1:${port}` }).models()).rejects.toEqual(withPassword)
  expect(timers()).toBe(before)
  expect(asked).toEqual([])
  answers = [models]
  await new WeftClient({ baseUrl: `http://127.0.0.1:${port}`, apiKey: 'of-a-file\n' }).models()
  expect(asked[0]?.headers.authorization).toBe('Bearer of-a-file')
})

test.each([
  [301, 'https://weft.example/v1/fine_tuning/jobs', 'https://weft.example'],
  [308, '/weft/v1/fine_tuning/jobs', '/weft'],
  [302, 'https://sso.example/login?next=%2Fv1', 'https://sso.example/login'],
  [307, 'http://[', 'another address'],
])('an address that sends requests on (%i to %s) is told, and nothing is asked there', async (status, location, told) => {
  answers = [(_, response) => response.writeHead(status, { location }).end()]
  const { port } = server.address() as AddressInfo
  const to = told.startsWith('/') ? `http://127.0.0.1:${port}${told}` : told
  const message = `baseUrl: http://127.0.0.1:${port} sends requests on to ${to}; name the address where the edge itself answers`
  await expect(weft.jobs.create(job)).rejects.toMatchObject({ code: 'invalid_request', status: 400, param: 'baseUrl', message })
  expect(asked).toHaveLength(1)
})

test.each([
  ['invalid_request_error', 400, 'caller'],
  ['rate_limit_error', 429, 'caller'],
  ['server_error', 502, 'ours'],
])('an error behind blanks, of type %s, has a status of its kind and is found in the log', async (type, status, fault) => {
  answers = [
    (_, response) => {
      response.setHeader('content-type', 'application/json').setHeader('x-request-id', 'r1')
      response.end(`\n\n${JSON.stringify({ error: { code: 'c', message: 'm', type, param: null } })}`)
    },
  ]
  await expect(weft.completions.create({ model: 'base', prompt: 'We' })).rejects.toMatchObject({ code: 'c', status, fault, requestId: 'r1' })
  expect(asked).toHaveLength(1)
})
