import { toWire } from '@weft/adapters'
import { errorBody } from '@weft/protocol'
import type { Context } from 'hono'
import { streamSSE } from 'hono/streaming'
import type { $ZodType } from 'zod/v4/core'
import { knownError } from '../http/refuse.ts'
import type { Variables } from '../http/variables.ts'

/**
 * Server-sent events as OpenAI sends them: one `data:` line each, `[DONE]` at the end. An error in mid-stream is an event of its own, after
 * which the stream ends without `[DONE]`. When the reader leaves, `abort` is called at once, not at the next token.
 */
export const eventStream = (c: Context<Variables>, schema: $ZodType, events: AsyncIterable<unknown>, abort: () => void): Response =>
  streamSSE(c, async (stream) => {
    stream.onAbort(abort)
    const send = (value: object) => stream.writeSSE({ data: JSON.stringify(value) })
    try {
      for await (const event of events) await send(toWire(schema, event))
      await stream.writeSSE({ data: '[DONE]' })
    } catch (error) {
      // One answer of several has failed: the others have no reader any more.
      abort()
      if (!stream.aborted) await send(errorBody(knownError(error, c)))
    }
  })
