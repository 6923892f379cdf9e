import { toWire, type WeftError } from '@weft/adapters'
import { errorBody, eventStreamHeaders, type ServerSentEvent, serverSentEvents } from '@weft/protocol'
import type { Context } from 'hono'
import type { $ZodType } from 'zod/v4/core'
import { knownError } from '../http/refuse.ts'
import type { Variables } from '../http/variables.ts'

/**
 * Server-sent events as OpenAI sends them: one `data:` line each, `[DONE]` at the end. An error in mid-stream is an event of its own, after
 * which the stream ends without `[DONE]`. When the reader leaves, `abort` is called at once, not at the next token.
 */
export const eventStream = (c: Context<Variables>, schema: $ZodType, events: AsyncIterable<unknown>, abort: () => void): Response => {
  async function* messages(): AsyncGenerator<ServerSentEvent> {
    for await (const event of events) yield { data: JSON.stringify(toWire(schema, event)) }
    yield { data: '[DONE]' }
  }
  return sent(c, messages(), abort)
}

/** The same for events that go by their `type`, the last of which says that it is the last. */
export const namedEventStream = (c: Context<Variables>, schema: $ZodType, events: AsyncIterable<{ type: string }>, abort: () => void): Response => {
  async function* messages(): AsyncGenerator<ServerSentEvent> {
    for await (const event of events) yield { event: event.type, data: JSON.stringify(toWire(schema, event)) }
  }
  return sent(c, messages(), abort)
}

/** Tells of what fails in mid-stream, where no status can. */
function sent(c: Context<Variables>, messages: AsyncIterable<ServerSentEvent>, abort: () => void): Response {
  const { promise: ended, resolve: end } = Promise.withResolvers<WeftError | undefined>()
  c.set('goesOn', { is: 'stream', ended })
  let isRead = true
  async function* told(): AsyncGenerator<ServerSentEvent> {
    try {
      yield* messages
    } catch (error) {
      // One answer of several has failed: the others have no reader any more.
      abort()
      // Nobody is there to be told, and that the runner was stopped is no fault of anybody's.
      if (!isRead) return
      const failure = knownError(error, c)
      end(failure)
      yield { data: JSON.stringify(errorBody(failure)) }
    } finally {
      end(undefined)
    }
  }
  const leave = () => {
    isRead = false
    abort()
    end(undefined)
  }
  return c.body(serverSentEvents(told(), leave), 200, eventStreamHeaders)
}
