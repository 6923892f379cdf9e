import { expect, test, vi } from 'vitest'
import { type ServerSentEvent, serverSentEvents } from './server-sent-events.ts'

async function* three(): AsyncGenerator<ServerSentEvent> {
  yield { data: '{"a":1}' }
  yield { event: 'error', data: '{"b":2}' }
  yield { data: '[DONE]' }
}

test('each message is an event of one data line', async () => {
  const text = await new Response(serverSentEvents(three(), () => {})).text()
  expect(text).toBe('data: {"a":1}\n\nevent: error\ndata: {"b":2}\n\ndata: [DONE]\n\n')
})

test('a reader who leaves is told of at once, and what is behind the messages is ended', async () => {
  const silence = Promise.withResolvers<never>()
  silence.promise.catch(() => {})
  const ended = vi.fn()
  async function* waiting(): AsyncGenerator<ServerSentEvent> {
    try {
      yield { data: '1' }
      await silence.promise
    } catch {
      yield { data: 'nobody reads this' }
    } finally {
      ended()
    }
  }
  const leave = vi.fn(() => silence.reject(new Error('left')))
  const reader = serverSentEvents(waiting(), leave).getReader()
  await reader.read()
  await reader.cancel()
  expect(leave).toHaveBeenCalledOnce()
  await vi.waitFor(() => expect(ended).toHaveBeenCalledOnce())
})

test('messages that fail break the stream off', async () => {
  async function* failing(): AsyncGenerator<ServerSentEvent> {
    yield { data: '1' }
    throw new Error('lost')
  }
  await expect(new Response(serverSentEvents(failing(), () => {})).text()).rejects.toThrow('lost')
})
