import type { ChatCompletion, ChatCompletionChunk, ChosenLogprob, GenerateEvent, GenerateResponse, TokenLogprob } from '@weft/protocol'
import { newId, nowSeconds } from '../identifiers.ts'

const entry = ({ token, logprob, bytes = null }: TokenLogprob): TokenLogprob => ({ token, logprob, bytes })

/** A token's log-probability as OpenAI's chats have it: bytes tell apart what prints alike. */
const chosen = (logprob: ChosenLogprob): ChosenLogprob => ({ ...entry(logprob), topLogprobs: logprob.topLogprobs.map(entry) })

/** A whole chat answer in OpenAI's shape. */
export const chatCompletion = (model: string, answer: GenerateResponse): ChatCompletion => ({
  id: newId('chatcmpl'),
  object: 'chat.completion',
  created: nowSeconds(),
  model,
  choices: [
    {
      index: 0,
      message: { role: 'assistant', content: answer.text },
      finishReason: answer.finishReason,
      logprobs: answer.logprobs ? { content: answer.logprobs.map(chosen) } : null,
    },
  ],
  usage: answer.usage,
})

/** The same in chunks: the role, the tokens, the reason of the end, and the usage where it was asked for. */
export async function* chatChunks(model: string, events: AsyncIterable<GenerateEvent>, includeUsage: boolean): AsyncGenerator<ChatCompletionChunk> {
  const head = { id: newId('chatcmpl'), object: 'chat.completion.chunk' as const, created: nowSeconds(), model }
  // Where usage was asked for, every chunk has the field, and all but the last have null there.
  const noUsage = includeUsage ? { usage: null } : {}
  const chunk = (delta: ChatCompletionChunk['choices'][0]['delta'], rest: Partial<ChatCompletionChunk['choices'][0]> = {}): ChatCompletionChunk => ({
    ...head,
    choices: [{ index: 0, delta, finishReason: null, logprobs: null, ...rest }],
    ...noUsage,
  })
  yield chunk({ role: 'assistant', content: '' })
  for await (const event of events) {
    if ('token' in event) {
      // A token may be half a character: there is nothing to show until the rest has come.
      if (event.text !== '' || event.logprob) yield chunk({ content: event.text }, event.logprob ? { logprobs: { content: [chosen(event.logprob)] } } : {})
    } else {
      yield chunk({}, { finishReason: event.finishReason })
      if (includeUsage) yield { ...head, choices: [], usage: event.usage }
    }
  }
}
