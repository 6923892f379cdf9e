import { once } from 'node:events'
import { createServer, type IncomingMessage } from 'node:http'
import type { AddressInfo } from 'node:net'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { WeftClient } from '../weft-client.ts'

const chunk = { id: 'c', object: 'text_completion', created: 1, model: 'base', choices: [{ index: 0, text: 'We', finish_reason: null, logprobs: null }] }

/** An edge that sends one chunk and is killed, or goes on for ever. */
const server = createServer((request, response) => {
  response.writeHead(200, { 'content-type': 'text/event-stream' })
  response.write(`data: ${JSON.stringify(chunk)}\n\n`)
  if (request.url === '/v1/completions') setTimeout(() => response.socket?.destroy(), 20)
})
let client: WeftClient
beforeAll(async () => {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  client = new WeftClient({ baseUrl: `http://127.0.0.1:${(server.address() as AddressInfo).port}` })
})
afterAll(() => {
  server.closeAllConnections()
  server.close()
})

test('a connection that is cut in mid-stream is told by code', async () => {
  const texts: string[] = []
  const read = async () => {
    for await (const { choices } of client.completions.stream({ model: 'base', prompt: 'x' })) texts.push(choices[0]!.text)
  }
  await expect(read()).rejects.toMatchObject({ code: 'stream_broken', status: 502 })
  expect(texts).toEqual(['We'])
})

test.each(['<html>504</html>', 'null', '"text"'])('an event that is %s is told by code', async (data) => {
  const { completions } = new WeftClient({ fetch: async () => new Response(`data: ${JSON.stringify(chunk)}\n\ndata: ${data}\n\n`) })
  const texts: string[] = []
  const read = async () => {
    for await (const { choices } of completions.stream({ model: 'base', prompt: 'x' })) texts.push(choices[0]!.text)
  }
  await expect(read()).rejects.toMatchObject({ name: 'WeftError', code: 'unexpected_response', status: 502, message: expect.stringContaining(data) })
  expect(texts).toEqual(['We'])
})

test("a caller's own abort stays an abort", async () => {
  const leaving = new AbortController()
  const read = async () => {
    for await (const _ of client.chat.stream({ model: 'base', messages: [{ role: 'user', content: 'x' }] }, { signal: leaving.signal })) leaving.abort()
  }
  await expect(read()).rejects.toMatchObject({ name: 'AbortError' })
})

test('a reason that the caller gave is what is thrown, a time limit among them', async () => {
  const reason = new Error('the user has gone')
  const leaving = new AbortController()
  const read = async (signal: AbortSignal, leave = (): void => {}) => {
    for await (const _ of client.chat.stream({ model: 'base', messages: [{ role: 'user', content: 'x' }] }, { signal })) leave()
  }
  await expect(read(leaving.signal, () => leaving.abort(reason))).rejects.toBe(reason)
  await expect(read(AbortSignal.timeout(150))).rejects.toMatchObject({ name: 'TimeoutError' })
})

test('who leaves a stream early closes it', async () => {
  const asked = once(server, 'request') as Promise<[IncomingMessage]>
  for await (const _ of client.chat.stream({ model: 'base', messages: [{ role: 'user', content: 'x' }] })) break
  const [request] = await asked
  if (!request.socket.closed) await once(request.socket, 'close')
})

test('an abort reaches a stream that has been read for long, whatever the collector took meanwhile, and closes it', async () => {
  setFlagsFromString('--expose-gc')
  const collect = runInNewContext('gc') as () => void
  const leaving = new AbortController()
  const asked = once(server, 'request') as Promise<[IncomingMessage]>
  const stream = client.chat.stream({ model: 'base', messages: [{ role: 'user', content: 'x' }] }, { signal: leaving.signal })
  await stream.next()
  const [request] = await asked
  const closed = once(request.socket, 'close')
  for (let i = 0; i < 5; i++) {
    await new Promise((resolve) => setTimeout(resolve, 5))
    collect()
  }
  const next = stream.next()
  leaving.abort()
  await expect(next).rejects.toMatchObject({ name: 'AbortError' })
  await closed
})
