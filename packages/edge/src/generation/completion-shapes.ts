import type { ChosenLogprob, Completion, GenerateEvent, GenerateResponse } from '@weft/protocol'
import { newId, nowSeconds } from '../identifiers.ts'

/** Log-probabilities as the completions endpoint spells them: columns, and where each token begins in the text. */
function columns(logprobs: readonly ChosenLogprob[], start: number) {
  let offset = start
  return {
    tokens: logprobs.map(({ token }) => token),
    tokenLogprobs: logprobs.map(({ logprob }) => logprob),
    topLogprobs: logprobs.map(({ topLogprobs }) => Object.fromEntries(topLogprobs.map(({ token, logprob }) => [token, logprob]))),
    textOffset: logprobs.map(({ token }) => (offset += token.length) - token.length),
  }
}

/** A whole completion in OpenAI's shape. */
export const completion = (model: string, answer: GenerateResponse): Completion => ({
  id: newId('cmpl'),
  object: 'text_completion',
  created: nowSeconds(),
  model,
  choices: [{ index: 0, text: answer.text, finishReason: answer.finishReason, logprobs: answer.logprobs ? columns(answer.logprobs, 0) : null }],
  usage: answer.usage,
})

/** The same in chunks. */
export async function* completionChunks(model: string, events: AsyncIterable<GenerateEvent>, includeUsage: boolean): AsyncGenerator<Completion> {
  const head = { id: newId('cmpl'), object: 'text_completion' as const, created: nowSeconds(), model }
  const noUsage = includeUsage ? { usage: null } : {}
  let offset = 0
  for await (const event of events) {
    if ('token' in event) {
      if (event.text === '' && !event.logprob) continue
      const logprobs = event.logprob ? columns([event.logprob], offset) : null
      // As in `columns`: a token that is half a character has a spelling before it has a text.
      offset += event.logprob?.token.length ?? 0
      yield { ...head, choices: [{ index: 0, text: event.text, finishReason: null, logprobs }], ...noUsage }
    } else {
      yield { ...head, choices: [{ index: 0, text: '', finishReason: event.finishReason, logprobs: null }], ...noUsage }
      if (includeUsage) yield { ...head, choices: [], usage: event.usage }
    }
  }
}
