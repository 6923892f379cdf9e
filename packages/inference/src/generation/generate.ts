import { randomInt } from 'node:crypto'
import { Random } from '@weft/adapters'
import { type LoadedModel, noTokenizer } from '@weft/model'
import type { GenerateEnd, GenerateRequest, GenerateResponse, GenerateToken, Prompt } from '@weft/protocol'
import { isRead, isReadCall, isTold } from '../chat/call-form.ts'
import { callOpening } from '../chat/call-opening.ts'
import { chatPrompt } from '../chat/chat-prompt.ts'
import { formInTokens } from '../chat/form-in-tokens.ts'
import { readableCalls } from '../chat/readable-calls.ts'
import { abilitiesOf } from '../chat/template-abilities.ts'
import { contextExceeded, emptyPrompt, tokenOutOfRange, toolChoiceNotSupported } from '../errors.ts'
import type { Constraint } from '../grammar/constraint.ts'
import { constraintOf } from '../grammar/constraint-of.ts'
import { checkFunctions } from '../grammar/functions/check-functions.ts'
import type { ToolCalls } from '../grammar/functions/tool-calls.ts'
import type { RequestProgress } from '../metrics.ts'
import type { OutputCombination } from '../sampling/combine-outputs.ts'
import { askerOf } from '../scheduler/asker.ts'
import type { BatchRow } from '../scheduler/batch-row.ts'
import type { RowPrefix } from '../sequence.ts'
import { checkTextLength } from '../text-length.ts'
import { notInvoked } from './not-invoked.ts'
import { outputRows } from './output-rows.ts'
import { Row } from './row.ts'
import { rowSampling } from './row-sampling.ts'

export interface GenerateOptions extends Omit<GenerateRequest, 'model' | 'composition' | 'stream'> {
  progress?: RequestProgress | undefined
}

/** Options of which all is ready that takes time. */
export interface Prepared extends GenerateOptions {
  /** As `constraintOf` gives it. */
  constraint?: () => Constraint
  /** Where an answer may hold calls in a form of the model's own. */
  calls?: ToolCalls
  /** Special tokens that its text shows: those of calls. */
  shown?: ReadonlySet<number>
}

/** @throws WeftError `tool_choice_not_supported`, of a function's schema as `checkFunctions`, and where the answer cannot be kept to the grammar: see `constraintOf` */
export async function prepared(model: LoadedModel, options: GenerateOptions): Promise<Prepared> {
  const { grammar, prompt, untoldFunctions = [] } = options
  checkFunctions([...(('messages' in prompt && prompt.tools) || []), ...untoldFunctions])
  if (!grammar) return options
  // The arguments of a call whose name ends the prompt.
  const isOfCall = 'messages' in prompt && prompt.call?.name !== undefined
  if (grammar.type === 'json_schema' && isOfCall) return { ...options, constraint: await constraintOf(model, { ...grammar, spaced: true }) }
  if (grammar.type !== 'tool_calls') return { ...options, constraint: await constraintOf(model, grammar) }
  const { form: written } = abilitiesOf(model.chat)
  if (!model.tokenizer) throw noTokenizer(model.name)
  const inTokens = written && formInTokens(written, model.tokenizer)
  if (grammar.optional && !(inTokens?.isBegun && isTold(inTokens.form))) throw toolChoiceNotSupported(model.name)
  if (!inTokens) return { ...options, constraint: await constraintOf(model, grammar) }
  const { form, shown } = inTokens
  const calls = { ...grammar, form }
  const isAsRead = grammar.optional ? isRead(form) : isReadCall(form)
  return { ...options, constraint: await constraintOf(model, calls, { shown }), shown, ...(!isAsRead && { calls }) }
}

/** Takes the rows of one request in: one, or several that step together. @throws WeftError `too_many_waiting`, `too_many_operands` */
export type Submit = (rows: readonly BatchRow[], signal?: AbortSignal) => void

/**
 * Tokens as they come, then one end. Leaving the iteration or aborting the signal frees the row before the next step.
 * Everything that can be refused is refused by the call itself, before the first event.
 * @throws WeftError `context_length_exceeded`, `empty_prompt`, `token_out_of_range`, `too_many_waiting`
 */
export function generate(
  model: LoadedModel,
  submit: Submit,
  behind: RowPrefix,
  options: Prepared,
  signal?: AbortSignal,
): AsyncGenerator<GenerateToken | GenerateEnd> {
  const row = rowOf(model, [behind], options)
  submit([row], signal)
  return answerEvents(row, options)
}

/** The same of several rows whose answers are combined. @param behind one a row, as `outputRows` takes them */
export function generateOutputs(
  model: LoadedModel,
  submit: Submit,
  combination: OutputCombination,
  behind: readonly RowPrefix[],
  options: Prepared,
  signal?: AbortSignal,
): AsyncGenerator<GenerateToken | GenerateEnd> {
  const answer = rowOf(model, behind, options)
  submit(outputRows(answer, combination, behind), signal)
  return answerEvents(answer, options)
}

/** What a row tells, with calls as they are asked for. */
export const answerEvents = (row: Row, { calls }: Prepared): AsyncGenerator<GenerateToken | GenerateEnd> =>
  calls ? readableCalls(eventsOf(row), calls) : eventsOf(row)

/** What samples and tells: checked against the positions of every row that it is asked of. */
function rowOf(model: LoadedModel, behind: readonly RowPrefix[], options: Prepared): Row {
  const prompt = promptTokens(model, options.prompt)
  const { maxPositions } = model.spec
  if (prompt.length === 0 && behind.some(({ fixed }) => !fixed?.logits)) throw emptyPrompt()
  const [{ owner }] = behind
  const longest = behind.map(({ fixed }) => fixed).reduce((most, of) => ((of?.position ?? 0) > (most?.position ?? 0) ? of : most))
  // Slots of the cache are not positions: what stands beside other prompts takes none, and prompts that lie one over another take more slots than positions.
  const slots = behind.flatMap(({ fixed }) => fixed?.slots ?? [])
  const needed = (longest?.position ?? 0) + prompt.length
  if (needed > maxPositions) throw contextExceeded(needed, maxPositions, { prompt: prompt.length, composition: longest?.position ?? 0 })
  const { maxTokens = Infinity, stop, seed, constraint, shown, progress } = options
  return new Row({
    prompt,
    goesOn: !('messages' in options.prompt),
    fixed: longest,
    ...(slots.length > 0 && { virtualTokens: Math.max(...slots) }),
    asker: askerOf(options),
    ...(owner && { owner }),
    maxTokens,
    stop,
    limit: maxPositions,
    tokenizer: model.tokenizer,
    notInvoked: notInvoked(model, behind, prompt),
    ...rowSampling(options, model.spec.vocabSize),
    ...(constraint && { constraint }),
    ...(shown && { shown }),
    ...(progress && { progress }),
    random: new Random(seed ?? randomInt(2 ** 47)),
  })
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
  if ('text' in prompt) return model.tokenizer.encode(checkTextLength(prompt.text, 'prompt'))
  const opening = prompt.call ? callOpening(model.chat, prompt.call) : ''
  const rendered = checkTextLength(`${chatPrompt(model.chat, prompt)}${opening}`, 'messages')
  return model.tokenizer.encode(rendered, { addSpecialTokens: false })
}
