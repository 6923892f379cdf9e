import type { ChosenLogprob, Completion, GenerateEvent, GenerateResponse } from '@weft/protocol'
import { newId, nowSeconds } from '../identifiers.ts'
import { byToken, spelled } from './token-spelling.ts'

type Placed = ChosenLogprob & { textOffset: number }

/** Each with its place in the text, in Unicode characters: the runner's, which knows of parts of characters, or after the tokens before it. */
function placing(): (logprob: ChosenLogprob) => Placed {
  let next = 0
  return (logprob) => {
    const textOffset = logprob.textOffset ?? next
    next = textOffset + [...logprob.token].length
    return { ...logprob, textOffset }
  }
}

/** Log-probabilities as the completions endpoint spells them: columns. */
const columns = (logprobs: readonly Placed[]) => ({
  tokens: logprobs.map(spelled),
  tokenLogprobs: logprobs.map(({ logprob }) => logprob),
  topLogprobs: logprobs.map(({ topLogprobs }) => byToken(topLogprobs)),
  textOffset: logprobs.map(({ textOffset }) => textOffset),
})

/** A whole completion in OpenAI's shape. */
export const completion = (model: string, answer: GenerateResponse): Completion => ({
  id: newId('cmpl'),
  object: 'text_completion',
  created: nowSeconds(),
  model,
  choices: [{ index: 0, text: answer.text, finishReason: answer.finishReason, logprobs: answer.logprobs ? columns(answer.logprobs.map(placing())) : null }],
  usage: answer.usage,
})

/** The same in chunks. */
export async function* completionChunks(model: string, events: AsyncIterable<GenerateEvent>, includeUsage: boolean): AsyncGenerator<Completion> {
  const head = { id: newId('cmpl'), object: 'text_completion' as const, created: nowSeconds(), model }
  const noUsage = includeUsage ? { usage: null } : {}
  const placed = placing()
  for await (const event of events) {
    if ('token' in event) {
      if (event.text === '' && !event.logprob) continue
      const logprobs = event.logprob ? columns([placed(event.logprob)]) : null
      yield { ...head, choices: [{ index: 0, text: event.text, finishReason: null, logprobs }], ...noUsage }
    } else {
      yield { ...head, choices: [{ index: 0, text: '', finishReason: event.finishReason, logprobs: null }], ...noUsage }
      if (includeUsage) yield { ...head, choices: [], usage: event.usage }
    }
  }
}
