import { toWire } from '@weft/adapters'
import { errorBody } from '@weft/protocol'
import type { Context } from 'hono'
import { streamSSE } from 'hono/streaming'
import type { $ZodType } from 'zod/v4/core'
import { knownError } from '../http/refuse.ts'
import type { Variables } from '../http/variables.ts'

type Message = { data: string; event?: string }

/**
 * Server-sent events as OpenAI sends them: one `data:` line each, `[DONE]` at the end. An error in mid-stream is an event of its own, after
 * which the stream ends without `[DONE]`. When the reader leaves, `abort` is called at once, not at the next token.
 */
export const eventStream = (c: Context<Variables>, schema: $ZodType, events: AsyncIterable<unknown>, abort: () => void): Response => {
  async function* messages(): AsyncGenerator<Message> {
    for await (const event of events) yield { data: JSON.stringify(toWire(schema, event)) }
    yield { data: '[DONE]' }
  }
  return sent(c, messages(), abort)
}

/** The same for events that go by their `type`, the last of which says that it is the last. */
export const namedEventStream = (c: Context<Variables>, schema: $ZodType, events: AsyncIterable<{ type: string }>, abort: () => void): Response => {
  async function* messages(): AsyncGenerator<Message> {
    for await (const event of events) yield { event: event.type, data: JSON.stringify(toWire(schema, event)) }
  }
  return sent(c, messages(), abort)
}

const sent = (c: Context<Variables>, messages: AsyncIterable<Message>, abort: () => void): Response =>
  streamSSE(c, async (stream) => {
    stream.onAbort(abort)
    try {
      for await (const message of messages) await stream.writeSSE(message)
    } catch (error) {
      // One answer of several has failed: the others have no reader any more.
      abort()
      if (!stream.aborted) await stream.writeSSE({ data: JSON.stringify(errorBody(knownError(error, c))) })
    }
  })
