import { fromWire } from '@weft/adapters'
import { errorFromBody, type GenerateEvent, generateEventSchema } from '@weft/protocol'
import { EventSourceParserStream } from 'eventsource-parser/stream'
import { safeParse } from 'zod/v4/core'
import { runnerProtocol, runnerUnavailable } from '../../errors.ts'

/** The runner's event stream, checked. Ends after the end event; a stream that stops before it is a runner that died. */
export async function* generateEvents(body: ReadableStream<Uint8Array>): AsyncGenerator<GenerateEvent> {
  const events = body.pipeThrough(new TextDecoderStream()).pipeThrough(new EventSourceParserStream())
  for await (const { event, data } of events) {
    if (data === '[DONE]') continue
    let value: unknown
    try {
      value = JSON.parse(data)
    } catch {
      throw runnerProtocol(`an event that is not JSON: ${data.slice(0, 80)}`)
    }
    if (event === 'error') throw errorFromBody(502, value)
    const result = safeParse(generateEventSchema, fromWire(generateEventSchema, value))
    if (!result.success) throw runnerProtocol(`an event of unknown form: ${data.slice(0, 80)}`)
    yield result.data
    if ('finishReason' in result.data) return
  }
  throw runnerUnavailable('it stopped in the middle of an answer')
}
