import { toWire } from '@weft/adapters'
import { errorBody } from '@weft/protocol'
import type { Context } from 'hono'
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

/** One stream from the messages to the client and none between: each would cost every token some turns of the event loop, which all streams share. */
function sent(c: Context<Variables>, messages: AsyncGenerator<Message>, abort: () => void): Response {
  const encoder = new TextEncoder()
  let left = false
  const body = new ReadableStream<Uint8Array>({
    async pull(controller) {
      const send = (message: Message): void => {
        if (!left) controller.enqueue(encoder.encode(spelled(message)))
      }
      try {
        const { done, value } = await messages.next()
        if (!done) return send(value)
      } catch (error) {
        // One answer of several has failed: the others have no reader any more.
        abort()
        send({ data: JSON.stringify(errorBody(knownError(error, c))) })
      }
      if (!left) controller.close()
    },
    cancel() {
      left = true
      abort()
      messages.return(undefined).catch(() => {})
    },
  })
  return c.body(body, 200, { 'content-type': 'text/event-stream', 'cache-control': 'no-cache' })
}

/** JSON has no line ends of its own, so that one line holds it. */
const spelled = ({ event, data }: Message): string => `${event === undefined ? '' : `event: ${event}\n`}data: ${data}\n\n`
