import { randomInt } from 'node:crypto'
import { Random } from '@weft/adapters'
import { type LoadedModel, noTokenizer } from '@weft/model'
import { type GenerateEnd, type GenerateRequest, type GenerateResponse, type GenerateToken, type Prompt, templateMessages } from '@weft/protocol'
import { contextExceeded, emptyPrompt, tokenOutOfRange } from '../errors.ts'
import type { Scheduler } from '../scheduler/scheduler.ts'
import type { FixedPrefix } from '../sequence.ts'
import { Row } from './row.ts'

export type GenerateOptions = Omit<GenerateRequest, 'model' | 'composition' | 'stream'>

/**
 * Tokens as they come, then one end. Leaving the iteration or aborting the signal frees the row before the next step.
 * Everything that can be refused is refused by the call itself, before the first event.
 * @throws WeftError `context_length_exceeded`, `empty_prompt`, `token_out_of_range`, `too_many_waiting`
 */
export function generate(
  model: LoadedModel,
  scheduler: Scheduler,
  fixed: FixedPrefix | null,
  options: GenerateOptions,
  signal?: AbortSignal,
): AsyncGenerator<GenerateToken | GenerateEnd> {
  const prompt = promptTokens(model, options.prompt)
  const { maxPositions } = model.spec
  const needed = (fixed?.position ?? 0) + prompt.length
  if (prompt.length === 0 && !fixed?.logits) throw emptyPrompt()
  if (needed > maxPositions) throw contextExceeded(needed, maxPositions, { prompt: prompt.length, composition: fixed?.position ?? 0 })
  const { temperature, topK, topP, logprobs, maxTokens, stop, seed } = options
  const row = new Row({
    prompt,
    fixed,
    maxTokens,
    stop,
    limit: maxPositions,
    tokenizer: model.tokenizer,
    sampling: { temperature, topK, topP, ...(logprobs === undefined ? {} : { logprobs }) },
    random: new Random(seed ?? randomInt(2 ** 47)),
  })
  scheduler.submit(row, signal)
  return eventsOf(row)
}

/** What a row tells; leaving the iteration ends it. */
export async function* eventsOf(row: Row): AsyncGenerator<GenerateToken | GenerateEnd> {
  try {
    yield* row.events
  } finally {
    row.end('cancelled')
  }
}

/** The same, as one answer. */
export async function collect(events: AsyncIterable<GenerateToken | GenerateEnd>): Promise<GenerateResponse> {
  const tokens: GenerateToken[] = []
  for await (const event of events) {
    if ('token' in event) tokens.push(event)
    else {
      const logprobs = tokens.flatMap(({ logprob }) => (logprob ? [logprob] : []))
      return { text: tokens.map(({ text }) => text).join(''), tokens: tokens.map(({ token }) => token), ...(logprobs.length > 0 ? { logprobs } : {}), ...event }
    }
  }
  throw new Error('a generation ended without its end')
}

/** A text with the special tokens of its beginning; a chat's template writes them itself. */
export function promptTokens(model: LoadedModel, prompt: Prompt): number[] {
  if ('tokens' in prompt) {
    const wrong = prompt.tokens.find((token) => token >= model.spec.vocabSize)
    if (wrong !== undefined) throw tokenOutOfRange(wrong, model.spec.vocabSize)
    return prompt.tokens
  }
  if (!model.tokenizer) throw noTokenizer(model.name)
  if ('text' in prompt) return model.tokenizer.encode(prompt.text)
  return model.tokenizer.encode(model.chat.render(templateMessages(prompt.messages), { addGenerationPrompt: true }), { addSpecialTokens: false })
}
