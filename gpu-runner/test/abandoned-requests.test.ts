import { once } from 'node:events'
import { type AddressInfo, connect } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import { serve } from '@hono/node-server'
import { Forward } from '@weft/inference/decoder/forward'
import { writeTinyLlama } from '@weft/test/models/tiny-llama'
import { afterAll, beforeAll, expect, test, vi } from 'vitest'
import { tokens } from '../src/composition-root.ts'
import { tinyRunner } from './tiny-runner.test.setup.ts'

const runner = tinyRunner(writeTinyLlama(), { maxWaiting: 256 })
const { container } = runner
const server = serve({ fetch: container.get(tokens.server).fetch, hostname: '127.0.0.1', port: 0 })
let url: string

beforeAll(async () => {
  if (!server.listening) await once(server, 'listening')
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  await runner.load()
})
afterAll(async () => {
  server.close()
  await runner.close()
})

const post = (path: string, body: object, init: RequestInit = {}) =>
  fetch(`${url}${path}`, { method: 'POST', body: JSON.stringify({ model: 'base', composition: null, ...body }), ...init })
const generation = (over: object = {}) => ({ prompt: { text: 'the boat' }, max_tokens: 300, temperature: 0, ...over })
const until = async (done: () => boolean) => {
  while (!done()) await sleep(2)
}
const refusal = async (response: Response | Promise<Response>) => {
  const { status, ...rest } = await response
  return { status, code: ((await (await response).json()) as any).error?.code, rest }
}

test.each([false, true])('200 clients that left hold nobody up, streamed: %s', async (stream) => {
  const { engine } = container.get(tokens.models).ready[0]!
  const gone = new AbortController()
  const left = Array.from({ length: 200 }, () => post('/generate', generation({ stream }), { signal: gone.signal }).then((r) => r.text()))
  for (const request of left) request.catch(() => {})
  await until(() => engine.load.active + engine.load.waiting === 200)
  gone.abort()
  await until(() => engine.load.waiting === 0 && engine.load.active === 0)
  const spies = [vi.spyOn(Forward.prototype, 'prefill'), vi.spyOn(Forward.prototype, 'decode')]
  const answer = (await (await post('/generate', generation({ max_tokens: 5 }))).json()) as any
  expect(answer.tokens).toHaveLength(5)
  expect(spies.reduce((sum, { mock }) => sum + mock.calls.length, 0)).toBe(5)
  for (const spy of spies) spy.mockRestore()
  expect((await Promise.allSettled(left)).every(({ status }) => status === 'rejected')).toBe(true)
})

test('what is not done in the time that a client gave is answered 504, and its work ends', async () => {
  const { engine } = container.get(tokens.models).ready[0]!
  const headers = { 'x-weft-deadline-ms': '30' }
  const texts = Array.from({ length: 400 }, () => 'a long text to be scored '.repeat(12))
  expect(await refusal(post('/score', { texts }, { headers }))).toMatchObject({ status: 504, code: 'deadline_exceeded' })
  const busy = Array.from({ length: 20 }, () => post('/generate', generation(), { headers }))
  for (const response of busy) expect(await refusal(response)).toMatchObject({ status: 504, code: 'deadline_exceeded' })
  await until(() => engine.load.active === 0)
  const streamed = await post('/generate', generation({ stream: true }), { headers })
  expect(streamed.status).toBe(200)
  expect(await streamed.text()).toMatch(/event: error\ndata: \{"error":\{"code":"deadline_exceeded"/)
  expect((await post('/generate', generation({ max_tokens: 2 }), { headers: { 'x-weft-deadline-ms': '60000' } })).status).toBe(200)
})

test('the log tells once of a client that left, though its work ends later', async () => {
  const { engine } = container.get(tokens.models).ready[0]!
  const lines = vi.spyOn(container.get(tokens.logger), 'info')
  const told = () => lines.mock.calls.flatMap(([entry]) => ((entry as any).requestId === 'left' ? [(entry as any).code ?? 'request'] : []))
  const gone = new AbortController()
  const left = post('/generate', generation(), { headers: { 'x-request-id': 'left' }, signal: gone.signal })
  await until(() => engine.load.active === 1)
  gone.abort()
  await expect(left).rejects.toThrow()
  await until(() => told().includes('request'))
  expect(told()).toEqual(['client_left', 'request'])
  lines.mockRestore()
})

test('a client that leaves while it sends is no failure of the runner', async () => {
  const logger = container.get(tokens.logger)
  const [lines, errors] = [vi.spyOn(logger, 'info'), vi.spyOn(logger, 'error')]
  const told = () => lines.mock.calls.flatMap(([entry]) => ((entry as any).requestId === 'half' ? [(entry as any).status] : []))
  const socket = connect(Number(new URL(url).port), '127.0.0.1')
  socket.write('POST /generate HTTP/1.1\r\nhost: runner\r\nx-request-id: half\r\ncontent-length: 5000\r\n\r\n{"model": ')
  await until(() => container.get(tokens.places).taken === 1)
  socket.destroy()
  await until(() => told().length > 1)
  expect(told()).toEqual([499, 499])
  expect(errors).not.toHaveBeenCalled()
  for (const spy of [lines, errors]) spy.mockRestore()
})

test('a stream whose time was over before it began keeps no place', async () => {
  const [body, written] = [
    new TransformStream<Uint8Array, Uint8Array>(),
    new TextEncoder().encode(JSON.stringify({ model: 'base', composition: null, ...generation({ stream: true }) })),
  ]
  const headers = { 'x-weft-deadline-ms': '30' }
  const places = container.get(tokens.places)
  const answer = runner.app.request('/generate', { method: 'POST', body: body.readable, duplex: 'half', headers } as RequestInit)
  expect(await refusal(answer)).toMatchObject({ status: 504, code: 'deadline_exceeded' })
  expect(places.taken).toBe(1)
  const writer = body.writable.getWriter()
  await writer.write(written)
  await writer.close()
  await until(() => places.taken === 0)
})

test.each(['soon', '-1', '1.5', '', '99999999999'])('the deadline %j is refused', async (deadline) => {
  expect(await refusal(post('/generate', generation(), { headers: { 'x-weft-deadline-ms': deadline } }))).toMatchObject({
    status: 400,
    code: 'invalid_deadline',
  })
})
