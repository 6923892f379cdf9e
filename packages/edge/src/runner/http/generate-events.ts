import { fromWire } from '@weft/adapters'
import { errorFromBody, type GenerateEvent, generateEventSchema } from '@weft/protocol'
import { createParser, type EventSourceMessage } from 'eventsource-parser'
import { safeParse } from 'zod/v4/core'
import { runnerProtocol, runnerUnavailable } from '../../errors.ts'

/** The runner's event stream, checked. Ends after the end event; a stream that stops before it is a runner that died. */
export async function* generateEvents(body: ReadableStream<Uint8Array>): AsyncGenerator<GenerateEvent> {
  const decoder = new TextDecoder()
  const arrived: EventSourceMessage[] = []
  // Fed by hand: a stream for each of the steps costs a busy edge more than the steps themselves, at every token.
  const parser = createParser({ onEvent: (event) => arrived.push(event) })
  for await (const bytes of body) {
    parser.feed(decoder.decode(bytes, { stream: true }))
    for (const message of arrived.splice(0)) {
      if (message.data === '[DONE]') continue
      const event = readEvent(message)
      yield event
      if ('finishReason' in event) return
    }
  }
  throw runnerUnavailable('it stopped in the middle of an answer')
}

function readEvent({ event, data }: EventSourceMessage): GenerateEvent {
  let value: unknown
  try {
    value = JSON.parse(data)
  } catch {
    throw runnerProtocol(`an event that is not JSON: ${data.slice(0, 80)}`)
  }
  if (event === 'error') throw errorFromBody(502, value)
  const result = safeParse(generateEventSchema, fromWire(generateEventSchema, value))
  if (!result.success) throw runnerProtocol(`an event of unknown form: ${data.slice(0, 80)}`)
  return result.data
}
