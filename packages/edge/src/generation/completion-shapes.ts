import type { Completion, GenerateEvent, GenerateResponse, ReadLogprob } from '@weft/protocol'
import { newId, nowSeconds } from '../identifiers.ts'
import { type Echo, unicodeLength } from './echo.ts'
import { byToken, spelled } from './token-spelling.ts'

type Placed = ReadLogprob & { textOffset: number }

/**
 * Each with its place in the text, in Unicode characters: the runner's, which knows of parts of characters, or after the tokens before it.
 * @param start where the runner's text begins in the whole
 */
function placing(start = 0): (logprob: ReadLogprob) => Placed {
  let next = start
  return (logprob) => {
    const textOffset = logprob.textOffset === undefined ? next : start + logprob.textOffset
    next = textOffset + unicodeLength(logprob.token)
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

/** A whole completion in OpenAI's shape. @param echo the prompt, where it stands before its answer */
export const completion = (model: string, answer: GenerateResponse, echo?: Echo): Completion => ({
  id: newId('cmpl'),
  object: 'text_completion',
  created: nowSeconds(),
  model,
  choices: [
    {
      index: 0,
      text: (echo?.text ?? '') + answer.text,
      finishReason: answer.finishReason,
      logprobs: echoedColumns(echo, answer.logprobs),
      ...(answer.notInvoked && { notInvoked: answer.notInvoked }),
    },
  ],
  usage: answer.usage,
})

const echoedColumns = (echo: Echo | undefined, logprobs: GenerateResponse['logprobs']) =>
  echo?.logprobs || logprobs ? columns([...(echo?.logprobs ?? []).map(placing()), ...(logprobs ?? []).map(placing(echo ? unicodeLength(echo.text) : 0))]) : null

/** The same in chunks. */
export async function* completionChunks(
  model: string,
  events: AsyncIterable<GenerateEvent>,
  { includeUsage = false, echo }: { includeUsage?: boolean | undefined; echo?: Echo | undefined } = {},
): AsyncGenerator<Completion> {
  const head = { id: newId('cmpl'), object: 'text_completion' as const, created: nowSeconds(), model }
  const noUsage = includeUsage ? { usage: null } : {}
  if (echo) yield { ...head, choices: [{ index: 0, text: echo.text, finishReason: null, logprobs: echoedColumns(echo, undefined) }], ...noUsage }
  const placed = placing(echo ? unicodeLength(echo.text) : 0)
  for await (const event of events) {
    if ('token' in event) {
      if (event.text === '' && !event.logprob) continue
      const logprobs = event.logprob ? columns([placed(event.logprob)]) : null
      yield { ...head, choices: [{ index: 0, text: event.text, finishReason: null, logprobs }], ...noUsage }
    } else {
      const { finishReason, notInvoked } = event
      yield { ...head, choices: [{ index: 0, text: '', finishReason, logprobs: null, ...(notInvoked && { notInvoked }) }], ...noUsage }
      if (includeUsage) yield { ...head, choices: [], usage: event.usage }
    }
  }
}
