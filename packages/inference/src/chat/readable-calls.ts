import type { GenerateEnd, GenerateToken } from '@weft/protocol'
import type { ToolCalls } from '../grammar/functions/tool-calls.ts'
import { CallReader, type Told } from './call-reader.ts'

/**
 * The events of an answer that may hold calls in a form of the template's own, with calls as the edge reads them: in tags where calling is the model's choice,
 * the arguments behind `"arguments"`. Tokens are held while it is not told whether they begin a call.
 */
export async function* readableCalls(events: AsyncIterable<GenerateToken | GenerateEnd>, calls: ToolCalls): AsyncGenerator<GenerateToken | GenerateEnd> {
  const reader = new CallReader(calls)
  let held: GenerateToken[] = []
  for await (const event of events) {
    if (!('token' in event)) {
      yield* toldAs(held, reader.end())
      yield event
      continue
    }
    held.push(event)
    const told = reader.push(event.text)
    if (told === 'held') continue
    yield* toldAs(held, told)
    held = []
  }
}

/** Tokens as they are, or with another text than they have together. */
const toldAs = (tokens: readonly GenerateToken[], told: Told): GenerateToken[] =>
  told === 'same' ? [...tokens] : tokens.map((token, i) => ({ ...token, text: i === tokens.length - 1 ? told.text : '' }))
