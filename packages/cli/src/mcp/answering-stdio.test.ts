import { once } from 'node:events'
import { PassThrough } from 'node:stream'
import { text } from 'node:stream/consumers'
import type { JSONRPCMessage } from '@modelcontextprotocol/server'
import { expect, test } from 'vitest'
import { AnsweringStdio } from './answering-stdio.ts'

/** Asked over streams that the test holds; what is asked is kept, to be answered when the test says. */
const opened = async () => {
  const [stdin, stdout] = [new PassThrough(), new PassThrough()]
  const transport = new AnsweringStdio(stdin, stdout)
  const asked: JSONRPCMessage[] = []
  let closed = false
  const closing = new Promise<void>((resolve) => {
    transport.onclose = () => {
      closed = true
      resolve()
    }
  })
  transport.onmessage = (message) => asked.push(message)
  await transport.start()
  const say = (...messages: object[]) => stdin.write(messages.map((each) => `${JSON.stringify({ jsonrpc: '2.0', ...each })}\n`).join(''))
  const turn = () => new Promise((resolve) => setTimeout(resolve, 5))
  return { stdin, stdout, transport, asked, closing, isClosed: () => closed, say, turn }
}
const answer = (id: number) => ({ jsonrpc: '2.0' as const, id, result: {} })

test('what is in flight when stdin closes is answered, and then it ends', async () => {
  const { stdin, stdout, transport, asked, closing, isClosed, say, turn } = await opened()
  say({ id: 1, method: 'tools/call' }, { id: 2, method: 'tools/call' }, { id: 3, method: 'tools/call' })
  stdin.end()
  await once(stdin, 'end')
  await turn()
  expect(asked).toHaveLength(3)
  expect(isClosed()).toBe(false)
  await transport.send(answer(2))
  await transport.send({ jsonrpc: '2.0', id: 1, error: { code: -1, message: 'no' } })
  await turn()
  expect(isClosed()).toBe(false)
  await transport.send(answer(3))
  await closing
  stdout.end()
  const told = await text(stdout)
  expect([...told.matchAll(/"id":(\d)/g)].map(([, id]) => id)).toEqual(['2', '1', '3'])
})

test('it ends at once where nothing is open: answered, taken back, without an answer, or without an end', async () => {
  const { stdin, transport, closing, say, turn } = await opened()
  say({ id: 1, method: 'tools/call' }, { id: 2, method: 'tools/call' }, { method: 'notifications/initialized' }, { id: 3, method: 'subscriptions/listen' })
  stdin.write('no message\n')
  await turn()
  await transport.send(answer(1))
  say({ method: 'notifications/cancelled', params: { requestId: 2 } })
  stdin.end('{"id": 4, "method": "tools/call"')
  await closing
})
