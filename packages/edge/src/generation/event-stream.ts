import { toWire } from '@weft/adapters'
import { errorBody, isWeftError } from '@weft/protocol'
import type { $ZodType } from 'zod/v4/core'
import { runnerUnavailable } from '../errors.ts'

/**
 * Server-sent events as OpenAI sends them: one `data:` line each, `[DONE]` at the end. An error in mid-stream is an event of its own, after
 * which the stream ends without `[DONE]`. When the reader leaves, `abort` is called at once, not at the next token.
 */
export function eventStream(schema: $ZodType, events: AsyncIterator<unknown>, abort: () => void): ReadableStream<Uint8Array> {
  const encoder = new TextEncoder()
  return new ReadableStream<Uint8Array>({
    async pull(controller) {
      const send = (data: string) => controller.enqueue(encoder.encode(`data: ${data}\n\n`))
      try {
        const { done, value } = await events.next()
        if (!done) return send(JSON.stringify(toWire(schema, value)))
        send('[DONE]')
      } catch (error) {
        send(JSON.stringify(errorBody(isWeftError(error) ? error : runnerUnavailable(String(error)))))
      }
      controller.close()
    },
    cancel: () => abort(),
  })
}
