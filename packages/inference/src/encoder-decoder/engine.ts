import { randomInt } from 'node:crypto'
import { type Composed, nothingPlaced, type PlacedComposition, positionsOf, Random } from '@weft/adapters'
import { type LoadedModel, noTokenizer } from '@weft/model'
import { encoderTokens } from '@weft/model/tokenizer/encoder-tokens'
import type { GenerateEnd, GenerateToken, Prompt } from '@weft/protocol'
import { Calls } from '../calls.ts'
import { chatPrompt } from '../chat/chat-prompt.ts'
import { type AdapterTensors, adapterTensors } from '../compositions/adapter-tensors.ts'
import { placed } from '../compositions/placed.ts'
import type { Scored, ScoreOptions } from '../decoder/score.ts'
import { type Asked, type Engine, type EngineOptions, isOutputs, type Named } from '../engine.ts'
import { answerTooLong, cannotDo, contextExceeded, emptyPrompt, outputsNotSupported } from '../errors.ts'
import { answerEnd } from '../generation/answer-end.ts'
import { answerEvents, type GenerateOptions, prepared, promptTokens } from '../generation/generate.ts'
import { Row } from '../generation/row.ts'
import { rowSampling } from '../generation/row-sampling.ts'
import { inVocabulary } from '../generation/scored-text.ts'
import { ModelSessions, type WeightOverride } from '../model-sessions.ts'
import { askerOf } from '../scheduler/asker.ts'
import { untilAborted, whileUnfinished } from '../scheduler/cancellation.ts'
import type { SchedulerCounts } from '../scheduler/counts.ts'
import { Scheduler } from '../scheduler/scheduler.ts'
import { checkTextLength, readTexts } from '../text-length.ts'
import { Answers, type Question } from './answers.ts'
import { EncoderDecoderForward } from './forward.ts'
import { scoreAnswers } from './score-answers.ts'

/** Inference of a model whose encoder reads the prompt and whose decoder answers. */
export class EncoderDecoderEngine implements Engine {
  readonly model: LoadedModel
  readonly sessions: ModelSessions
  readonly #forward: EncoderDecoderForward
  readonly #answers: Answers
  readonly #scheduler: Scheduler
  readonly #composed = new WeakMap<Composed, PlacedComposition>()
  readonly #calls: Calls

  private constructor(sessions: ModelSessions, forward: EncoderDecoderForward, options: EngineOptions) {
    this.model = sessions.model
    this.sessions = sessions
    this.#calls = new Calls(sessions.model.name, options)
    this.#forward = forward
    this.#answers = new Answers(forward, options.maxBatch, this.#startToken)
    this.#scheduler = new Scheduler(options, this.#answers)
  }

  static async open(model: LoadedModel, options: EngineOptions, override?: WeightOverride): Promise<EncoderDecoderEngine> {
    const { runtime, device, threads, compositionBytes } = options
    const sessions = await ModelSessions.open({ runtime, model, device, threads, compositionBytes, ...(override && { override }) })
    const forward = new EncoderDecoderForward(sessions, threads)
    await forward.prepare(null)
    return new EncoderDecoderEngine(sessions, forward, options)
  }

  get load(): { active: number; waiting: number } {
    return this.#scheduler.load
  }

  get counts(): SchedulerCounts {
    return this.#scheduler.counts
  }

  idle(): Promise<void> {
    return this.#scheduler.idle()
  }

  prepare({ composed }: NonNullable<Named>): Promise<void> {
    return this.#calls.run(() => this.#forward.prepare(adapterTensors(composed, this.model.spec)))
  }

  /** @throws WeftError `context_length_exceeded`, `empty_prompt`, `token_out_of_range`, `too_many_waiting` */
  generate(asked: Asked, options: GenerateOptions, signal?: AbortSignal): Promise<AsyncGenerator<GenerateToken | GenerateEnd>> {
    return this.#calls.run(async () => {
      if (isOutputs(asked)) throw outputsNotSupported(this.model, asked.operator, 'generate')
      const prompt = this.#promptTokens(options.prompt)
      const question = this.#question(asked, prompt)
      await untilAborted(this.#forward.prepare(question.layers), signal)
      const ready = await prepared(this.model, options)
      const { maxTokens = Infinity, stop, seed, constraint, shown, progress } = ready
      const { rows, prefix } = question.composition.placement
      const row = new Row({
        prompt,
        asker: askerOf(options),
        fixed: null,
        ...(asked && { virtualTokens: rows + prefix }),
        maxTokens,
        stop,
        limit: this.model.spec.maxPositions,
        tokenizer: this.model.tokenizer,
        ...rowSampling(options, this.model.spec.vocabSize),
        ...(constraint && { constraint }),
        ...(shown && { shown }),
        ...(progress && { progress }),
        random: new Random(seed ?? randomInt(2 ** 47)),
      })
      if (signal?.aborted) row.abort(signal.reason)
      else {
        this.#scheduler.add(this.#answers.reading({ ...question, row }))
        whileUnfinished(row, signal, () => row.abort(signal?.reason))
      }
      return answerEvents(row, ready)
    })
  }

  /** Log-probabilities of each text as the answer to the prompt. */
  score(asked: Asked, options: ScoreOptions, signal?: AbortSignal): Promise<Scored> {
    const work = async (): Promise<Scored> => {
      if (isOutputs(asked)) throw outputsNotSupported(this.model, asked.operator, 'score texts')
      const { texts, prompt = '', answers: compared, tokenLogprobs, logprobs } = options
      if (logprobs !== undefined) throw cannotDo(this.model, 'echo its prompt')
      const read = this.#promptTokens({ text: prompt })
      const { composition, layers } = this.#question(asked, read)
      const { maxPositions } = this.model.spec
      const { encode } = this.#tokenizer
      const tokensOf = (text: string | readonly number[]) =>
        typeof text === 'string' ? encode(checkTextLength(text, 'texts'), { addSpecialTokens: false }) : inVocabulary(text, this.model.spec.vocabSize)
      const written = await readTexts(texts, tokensOf, signal)
      const end = compared ? answerEnd(this.model, texts, written) : []
      const answers = end.length > 0 ? written.map((tokens) => [...tokens, ...end]) : written
      const { longestPrefix } = composition.placement
      const long = answers.findIndex(({ length }) => length + longestPrefix > maxPositions)
      if (long >= 0)
        throw answerTooLong(`${compared ? 'choices' : 'input'}[${long}]`, answers[long].length + longestPrefix, maxPositions, { composition: longestPrefix })
      const inTurn = <T>(tokens: number, run: () => Promise<T>) => this.#scheduler.run(askerOf(options), tokens, run, signal)
      using answering = await inTurn(read.length, () => this.#forward.read(read, composition, layers))
      return {
        results: await scoreAnswers(this.#forward, answering, answers, { startToken: this.#startToken, ...(tokenLogprobs && { tokenLogprobs }) }, inTurn),
        tokens: answers.reduce((sum, { length }) => sum + length, read.length),
      }
    }
    return this.#calls.run(() => this.#scheduler.read(askerOf(options), { texts: options.texts, answers: options.answers }, work, signal))
  }

  async classify(): Promise<never> {
    throw cannotDo(this.model, 'classify')
  }

  async embed(): Promise<never> {
    throw cannotDo(this.model, 'embed texts')
  }

  async close(): Promise<void> {
    while (this.#calls.size > 0 || this.load.active + this.load.waiting > 0) {
      await this.#calls.settled()
      await this.idle()
    }
    if (!this.#calls.close()) return
    await this.#forward.close()
    await this.sessions.close()
  }

  get #startToken(): number {
    return this.model.spec.encoderDecoder!.decoderStartTokenId
  }

  get #tokenizer() {
    const { tokenizer, name } = this.model
    if (!tokenizer) throw noTokenizer(name)
    return tokenizer
  }

  /** Texts end with the end-of-text token, as in training; token ids are taken as they are. */
  #promptTokens(prompt: Prompt): number[] {
    if ('tokens' in prompt) return promptTokens(this.model, prompt)
    const {
      encode,
      eosTokenIds: [eosTokenId],
    } = this.#tokenizer
    const text = 'text' in prompt ? prompt.text : chatPrompt(this.model.chat, prompt)
    return encoderTokens({ encode, ...(eosTokenId !== undefined && { eosTokenId }) }, checkTextLength(text, 'prompt'), Infinity).tokens
  }

  #question(named: Named, prompt: readonly number[]): Omit<Question, 'row'> & { layers: AdapterTensors | null } {
    const composed = named?.composed ?? null
    const composition = this.#placed(composed)
    const { rows, longestPrefix } = composition.placement
    const { maxPositions } = this.model.spec
    const needed = Math.max(rows + prompt.length, longestPrefix + 1)
    if (rows + prompt.length === 0) throw emptyPrompt()
    if (needed > maxPositions) throw contextExceeded(needed, maxPositions, { prompt: prompt.length, composition: positionsOf(composition.placement) })
    return { composition, layers: composed && adapterTensors(composed, this.model.spec) }
  }

  #placed(composed: Composed | null): PlacedComposition {
    if (!composed) return { placement: nothingPlaced, inputs: [] }
    const composition = this.#composed.get(composed) ?? placed(composed, this.model, this.sessions.embedding, ['cache'])
    this.#composed.set(composed, composition)
    return composition
  }
}
