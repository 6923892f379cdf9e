import type { ChatCompletion, ChatCompletionChunk, ChosenLogprob, GenerateEvent, GenerateResponse, TokenLogprob } from '@weft/protocol'
import { newId, nowSeconds } from '../identifiers.ts'
import { readToolCalls, ToolCallReader } from './tool-call-reader.ts'
import type { CallForm } from './tool-choice.ts'

const entry = ({ token, logprob, bytes = null }: TokenLogprob): TokenLogprob => ({ token, logprob, bytes })

/** A token's log-probability as OpenAI's chats have it: bytes tell apart what prints alike. */
const chosen = (logprob: ChosenLogprob): ChosenLogprob => ({ ...entry(logprob), topLogprobs: logprob.topLogprobs.map(entry) })

/** A whole chat answer in OpenAI's shape. @param form how calls stand in it, where there may be any */
export function chatCompletion(model: string, answer: GenerateResponse, form: CallForm | null = null): ChatCompletion {
  const { content, calls, isCut } = form ? readToolCalls(form, answer.text) : { content: answer.text, calls: [], isCut: false }
  return {
    id: newId('chatcmpl'),
    object: 'chat.completion',
    created: nowSeconds(),
    model,
    choices: [
      {
        index: 0,
        message: { role: 'assistant', content: calls.length > 0 && content === '' ? null : content, ...(calls.length > 0 && { toolCalls: calls }) },
        finishReason: endOf(answer.finishReason, calls.length > 0 && !isCut),
        logprobs: answer.logprobs ? { content: answer.logprobs.map(chosen) } : null,
        ...(answer.notInvoked && { notInvoked: answer.notInvoked }),
      },
    ],
    usage: answer.usage,
  }
}

/** An answer that ended by itself and calls ends for that. One whose call a stop cut off was stopped. */
const endOf = (finishReason: string, called: boolean): string => (called && finishReason === 'stop' ? 'tool_calls' : finishReason)

/** The same in chunks: the role, the tokens, the reason of the end, and the usage where it was asked for. */
export async function* chatChunks(
  model: string,
  events: AsyncIterable<GenerateEvent>,
  includeUsage: boolean,
  form: CallForm | null = null,
): AsyncGenerator<ChatCompletionChunk> {
  const reader = form && new ToolCallReader(form)
  const head = { id: newId('chatcmpl'), object: 'chat.completion.chunk' as const, created: nowSeconds(), model }
  // Where usage was asked for, every chunk has the field, and all but the last have null there.
  const noUsage = includeUsage ? { usage: null } : {}
  const chunk = (delta: ChatCompletionChunk['choices'][0]['delta'], rest: Partial<ChatCompletionChunk['choices'][0]> = {}): ChatCompletionChunk => ({
    ...head,
    choices: [{ index: 0, delta, finishReason: null, logprobs: null, ...rest }],
    ...noUsage,
  })
  yield chunk({ role: 'assistant', content: reader && form?.kind !== 'tagged' ? null : '' })
  for await (const event of events) {
    if ('token' in event) {
      const { content, calls } = reader?.push(event.text) ?? { content: event.text, calls: [] }
      // A token may be half a character: there is nothing to show until the rest has come.
      if (content === '' && calls.length === 0 && !event.logprob) continue
      const delta = { ...((content !== '' || calls.length === 0) && { content }), ...(calls.length > 0 && { toolCalls: calls }) }
      yield chunk(delta, event.logprob ? { logprobs: { content: [chosen(event.logprob)] } } : {})
    } else {
      const { content } = reader?.flush() ?? { content: '' }
      if (content !== '') yield chunk({ content })
      yield chunk(
        {},
        {
          finishReason: endOf(event.finishReason, Boolean(reader?.called && !reader.isCut)),
          ...(event.notInvoked && { notInvoked: event.notInvoked }),
        },
      )
      if (includeUsage) yield { ...head, choices: [], usage: event.usage }
    }
  }
}
