import { isWeftError } from '@weft/adapters'
import { type LoadedModel, noTokenizer } from '@weft/model'
import type { FinishReason, ScoreResponse } from '@weft/protocol'
import type { Scored, ScoreOptions } from '../decoder/score.ts'
import { logitsNotFinite, scoredTextTooLong } from '../errors.ts'
import type { OutputCombination } from '../sampling/combine-outputs.ts'
import { type Asker, askerOf } from '../scheduler/asker.ts'
import { emptySequence, type RowPrefix, type Sequence } from '../sequence.ts'
import type { Submit } from './generate.ts'
import { type JointAnswer, outputRows } from './output-rows.ts'
import { type Read, readToken, scoredText, textTokens } from './scored-text.ts'

/** Texts that are read side by side, each in a row for each composition. */
const TOGETHER = 4

/**
 * Log-probabilities of each text's tokens by what several compositions say together, after the same prompt. How much each counts depends on the tokens before, so
 * that a text is read as it would be written, token after token, in rows of the batch. The first token counts only where something predicts it in every row.
 *
 * @param behind one a row, as `outputRows` takes them
 * @throws WeftError `context_length_exceeded`: no windows are read; `token_out_of_range`, `choices_without_end`, `too_many_operands`, `too_many_waiting`
 */
export async function scoreOutputs(
  model: LoadedModel,
  submit: Submit,
  combination: OutputCombination,
  behind: readonly RowPrefix[],
  options: ScoreOptions,
  signal?: AbortSignal,
): Promise<Scored> {
  const { tokenizer, spec, name } = model
  if (!tokenizer) throw noTokenizer(name)
  const { texts, logprobs: alternatives = 0 } = options
  const tokensOf = textTokens(model, options)
  const composition = Math.max(...behind.map(({ fixed }) => fixed?.position ?? 0))
  const predicted = behind.every(({ fixed }) => fixed?.logits)
  const asked = texts.map((text, index) => {
    const { before, own } = tokensOf(text)
    const needed = composition + before.length + own.length
    if (needed > spec.maxPositions) throw scoredTextTooLong(index, needed, spec.maxPositions, { prompt: before.length, composition })
    const given = before.length > 0 || predicted ? 0 : 1
    return { own, prompt: [...before, ...own.slice(0, given)], read: own.slice(given) }
  })
  const results: ScoreResponse['results'] = []
  for (let at = 0; at < asked.length; at += TOGETHER) {
    signal?.throwIfAborted()
    const some = asked.slice(at, at + TOGETHER)
    const answers = some.map(({ prompt, read }) => new TextAnswer(prompt, read, alternatives, askerOf(options)))
    try {
      const open: TextAnswer[] = []
      for (const answer of answers.filter(({ finished }) => !finished)) {
        const submitted = () => submit(outputRows(answer, combination, behind), signal)
        try {
          submitted()
        } catch (error) {
          // The line may be full of this request's own texts.
          if (open.length === 0 || !(isWeftError(error) && error.code === 'too_many_waiting')) throw error
          await Promise.all(open.splice(0).map((before) => before.read))
          submitted()
        }
        open.push(answer)
      }
      const read = await Promise.all(answers.map((answer) => answer.read))
      results.push(...some.map(({ own }, i) => scoredText(tokenizer, own, read[i]!, options)))
    } catch (error) {
      // Nobody waits for the others any more.
      for (const answer of answers) answer.abort(error)
      throw error
    }
  }
  return { results, tokens: asked.reduce((sum, { prompt, read }) => sum + prompt.length + read.length, 0) }
}

/** Takes a text's own tokens in the place of sampled ones, and notes what was said of each. */
class TextAnswer implements JointAnswer {
  readonly request: JointAnswer['request']
  sequence: Sequence = emptySequence()
  token = -1
  finished = false
  readonly answer: number[] = []
  /** Of each token, when all are read. */
  readonly read: Promise<Read[]>
  readonly #text: readonly number[]
  readonly #alternatives: number
  readonly #read: Read[] = []
  readonly #ended = Promise.withResolvers<Read[]>()
  readonly #leaving: (() => void)[] = []

  constructor(prompt: number[], text: readonly number[], alternatives: number, asker: Asker) {
    this.request = { prompt, text, asker }
    this.#text = text
    this.#alternatives = alternatives
    this.read = this.#ended.promise
    // Whoever waits for another text first hears of this one's failure later.
    this.read.catch(() => {})
    if (text.length > 0) return
    this.finished = true
    this.#ended.resolve([])
  }

  accept(logits: Float32Array): void {
    const target = this.#text[this.answer.length]!
    const read = readToken(logits, target, this.#alternatives)
    if (!Number.isFinite(read.logprob)) return this.fail(logitsNotFinite())
    this.#read.push(read)
    this.answer.push(target)
    this.token = target
    if (this.answer.length < this.#text.length) return
    this.#leave()
    this.#ended.resolve(this.#read)
  }

  end(reason: FinishReason): void {
    this.fail(new Error(`a text that was read ended early: ${reason}`))
  }

  fail(error: unknown): void {
    if (this.finished) return
    this.#leave()
    this.#ended.reject(error)
  }

  abort(reason: unknown): void {
    this.fail(reason)
  }

  whenFinished(leave: () => void): void {
    this.#leaving.push(leave)
  }

  #leave(): void {
    this.finished = true
    for (const leave of this.#leaving.splice(0)) leave()
  }
}
