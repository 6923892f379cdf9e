import { fromWire, WeftError } from '@weft/adapters'
import { errorFromBody } from '@weft/protocol'
import { EventSourceParserStream } from 'eventsource-parser/stream'
import type { $ZodType, output } from 'zod/v4/core'
import { notAnEvent, streamBroken } from './errors.ts'

/**
 * The JSON of each server-sent event, in camelCase, until `[DONE]` or the one that is the last. Leaving the loop early closes the connection, which stops
 * the work behind it. An error sent in mid-stream is thrown. Errors 502 `stream_broken`, `unexpected_response`.
 */
export async function* serverSentEvents<S extends $ZodType>(
  schema: S,
  response: Response,
  signal: AbortSignal,
  isLast: (event: output<S>) => boolean = () => false,
): AsyncGenerator<output<S>> {
  if (!response.body) throw new WeftError('unexpected_response', 'an event stream without a body', { status: 502 })
  // The signal stops the reading itself. A request's own signal does so only until the collector takes the request, which Node's fetch holds weakly.
  const events = response.body
    .pipeThrough(new TextDecoderStream() as ReadableWritablePair<string, Uint8Array<ArrayBuffer>>, { signal })
    .pipeThrough(new EventSourceParserStream())
  for await (const { data } of whole(events as unknown as AsyncIterable<{ data: string }>, signal)) {
    if (data === '[DONE]') return
    const value = objectOf(data)
    if ('error' in value && Object.keys(value).length === 1) throw errorFromBody(502, value)
    const event = fromWire(schema, value) as output<S>
    yield event
    if (isLast(event)) return
  }
  throw streamBroken()
}

/** Error 502 `unexpected_response`. */
function objectOf(data: string): object {
  let value: unknown
  try {
    value = JSON.parse(data)
  } catch (error) {
    throw notAnEvent(data, error)
  }
  if (value === null || typeof value !== 'object') throw notAnEvent(data)
  return value
}

/** A connection that is cut is told as a stream that ended too early is; a caller's own abort stays what it was, whatever reason that gave. */
async function* whole<T>(events: AsyncIterable<T>, signal: AbortSignal): AsyncGenerator<T> {
  const source = events[Symbol.asyncIterator]()
  try {
    for (;;) {
      const next = await source.next().catch((error: unknown) => {
        throw signal.aborted ? signal.reason : streamBroken(error)
      })
      if (next.done) return
      yield next.value
    }
  } finally {
    await source.return?.()
  }
}
