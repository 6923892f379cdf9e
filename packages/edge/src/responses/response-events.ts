import type { WeftError } from '@weft/adapters'
import type { GenerateEnd, GenerateEvent, OutputItem, ResponseEvent, ResponseObject } from '@weft/protocol'
import { ToolCallReader } from '../generation/tool-call-reader.ts'
import type { CallForm } from '../generation/tool-choice.ts'
import { asChosen, itemStatus } from './output-items.ts'
import { endedResponse, failedResponse } from './response-object.ts'
import { StreamedItems, type Unnumbered } from './streamed-items.ts'

interface Streamed {
  begun: ResponseObject
  /** How calls stand in the answer, where there may be any. */
  form: CallForm | null
  /** Keeps what has ended, before its end is told. */
  keep: (ended: ResponseObject) => Promise<void>
  /** An error as the client may see it. */
  known: (error: unknown) => WeftError
}

/** A response as OpenAI's events tell it: begun, its items piece by piece, and how it ended. */
export async function* responseEvents(events: AsyncIterable<GenerateEvent>, { begun, form, keep, known }: Streamed): AsyncGenerator<ResponseEvent> {
  let sequenceNumber = 0
  const numbered = (event: Unnumbered): ResponseEvent => ({ ...event, sequenceNumber: sequenceNumber++ }) as ResponseEvent
  yield numbered({ type: 'response.created', response: begun })
  yield numbered({ type: 'response.in_progress', response: begun })
  const items = new StreamedItems()
  try {
    const reader = form && new ToolCallReader(form)
    let end: GenerateEnd | undefined
    for await (const event of events) {
      if (!('token' in event)) {
        end = event
        break
      }
      const { content, calls } = reader?.push(event.text) ?? { content: event.text, calls: [] }
      for (const told of items.text(content, event.logprob && asChosen(event.logprob))) yield numbered(told)
      for (const call of calls) for (const told of items.call(call)) yield numbered(told)
    }
    if (!end) return
    for (const told of items.text(reader?.flush().content ?? '')) yield numbered(told)
    for (const told of items.end(reader?.isCut ? 'incomplete' : itemStatus(end.finishReason))) yield numbered(told)
    const ended = endedResponse(begun, items.done, end)
    await keep(ended)
    yield numbered({ type: ended.status === 'completed' ? 'response.completed' : 'response.incomplete', response: ended })
  } catch (error) {
    yield numbered({ type: 'response.failed', response: await failed(error, items.done) })
  }

  async function failed(error: unknown, output: OutputItem[]): Promise<ResponseObject> {
    const response = failedResponse(begun, output, known(error))
    // What cannot be kept either has its own error told already.
    await keep(response).catch(() => {})
    return response
  }
}
