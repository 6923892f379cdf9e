import { type Composed, nothingPlaced, type PlacedComposition, pooledAt, poolerOf, positionsOf } from '@weft/adapters'
import { type LoadedModel, noTokenizer, type Tokenizer } from '@weft/model'
import { Calls } from '../calls.ts'
import { cutTo, partOf, readText, readWhole, readWords, tokensOf, type Within } from '../classification/classify-input.ts'
import { labelText, labelWords } from '../classification/label-probabilities.ts'
import { poolingOf } from '../classification/pooling-of.ts'
import { placed } from '../compositions/placed.ts'
import type { Classified } from '../decoder/hidden-states/classify.ts'
import type { ClassifyInput, ClassifyOptions, Embedded, EmbedInput, EmbedOptions, Engine, EngineOptions, Named } from '../engine.ts'
import { cannotDo, headMissing, inputTooLong, logitsNotFinite, poolerMissing } from '../errors.ts'
import { ModelSessions, type WeightOverride } from '../model-sessions.ts'
import { type Asker, askerOf } from '../scheduler/asker.ts'
import type { SchedulerCounts } from '../scheduler/counts.ts'
import { Scheduler } from '../scheduler/scheduler.ts'
import type { Texts } from '../scheduler/text-lists.ts'
import { readTexts, roomBehind } from '../text-length.ts'
import { EncoderForward, type InTurn } from './forward.ts'

/** Inference of a model that reads in both directions: it labels texts and tokens, and gives their features. */
export class EncoderEngine implements Engine {
  readonly model: LoadedModel
  readonly sessions: ModelSessions
  readonly #forward: EncoderForward
  readonly #prepared = new WeakMap<Composed, PlacedComposition>()
  readonly #calls: Calls
  readonly #scheduler: Scheduler

  private constructor(sessions: ModelSessions, forward: EncoderForward, options: EngineOptions) {
    this.model = sessions.model
    this.sessions = sessions
    this.#calls = new Calls(sessions.model.name, options)
    this.#forward = forward
    this.#scheduler = new Scheduler(options)
  }

  static async open(model: LoadedModel, options: EngineOptions, override?: WeightOverride): Promise<EncoderEngine> {
    const { runtime, device, threads } = options
    const sessions = await ModelSessions.open({ runtime, model, device, threads, metrics: options.metrics, ...(override && { override }) })
    return new EncoderEngine(sessions, new EncoderForward(sessions, threads), options)
  }

  get load(): { active: number; waiting: number } {
    // A call waits as a list or with one batch; one that does neither is under way.
    const { waiting } = this.#scheduler.load
    return { active: this.#calls.size - waiting, waiting }
  }

  get counts(): SchedulerCounts {
    return this.#scheduler.counts
  }

  async idle(): Promise<void> {
    while (this.#calls.size > 0) await this.#calls.settled()
  }

  /** Sessions are for lengths of texts too, which nobody knows ahead. */
  async prepare(): Promise<void> {}

  async generate(): Promise<never> {
    throw cannotDo(this.model, 'generate')
  }

  async score(): Promise<never> {
    throw cannotDo(this.model, 'score texts')
  }

  /** Label probabilities of each text, or of each of its words, as the composition's head was trained. @throws WeftError `head_missing`, `pooler_missing`, `context_length_exceeded` */
  classify(named: Named, inputs: readonly ClassifyInput[], { truncate = false, ...options }: ClassifyOptions = {}, signal?: AbortSignal): Promise<Classified> {
    return this.#read(inputs, options, signal, async () => {
      const inTurn = this.#inTurn(options, signal)
      if (!named?.composed.sites.head) throw headMissing(named?.key ?? null)
      const { composed } = named
      const { composition, room, tokenizer } = this.#ready(composed)
      const within: Within = { room, truncate }
      if (composed.task === 'TOKEN_CLS') {
        const read = await readTexts(inputs, (input, index) => readWords(tokenizer, input, index, within), signal)
        const answers = await this.#forward.run(
          composition,
          read.map(({ tokens }) => tokens),
          null,
          room,
          inTurn,
        )
        const C = composed.sites.head.weight.shape[0]
        return {
          results: read.map((part, i) => ({
            ...labelWords(
              part.words.map(({ at: _, ...word }) => word),
              part.words.map(({ at }) => answers[i].subarray(at * C, (at + 1) * C)),
              composed,
            ),
            ...partOf(part, within),
          })),
          tokens: tokensOf(read),
        }
      }
      const at = pooledAt(composed.pooling, this.model.spec)
      const pooler = poolerOf(this.model.spec, at)
      if (pooler && !this.model.spec.modules[pooler]) throw poolerMissing(pooler)
      const read = await readTexts(inputs, (input, index) => readText(tokenizer, input, index, within), signal)
      const answers = await this.#forward.run(
        composition,
        read.map(({ tokens }) => tokens),
        at,
        room,
        inTurn,
      )
      return { results: answers.map((logits, i) => ({ ...labelText(logits, composed), ...partOf(read[i], within) })), tokens: tokensOf(read) }
    })
  }

  embed(named: Named, inputs: readonly EmbedInput[], { truncate = false, pooling, ...options }: EmbedOptions = {}, signal?: AbortSignal): Promise<Embedded> {
    return this.#read(inputs, options, signal, async () => {
      const composed = named?.composed ?? null
      const { composition, room, tokenizer } = this.#ready(composed)
      const { vocabSize } = this.model.spec
      const whole = await readTexts(inputs, (input, index) => readWhole(tokenizer, input, index, vocabSize), signal)
      const long = truncate ? -1 : whole.findIndex(({ tokens }) => tokens.length > room)
      if (long >= 0) throw inputTooLong(long, whole[long].tokens.length, room)
      const read = whole.map(({ tokens }) => ({ tokens: cutTo(tokenizer, tokens, room) }))
      const vectors = await this.#forward.run(
        { ...composition, inputs: composition.inputs.filter(({ site }) => site !== 'head') },
        read.map(({ tokens }) => tokens),
        pooling ?? poolingOf(composed, this.model.spec),
        room,
        this.#inTurn(options, signal),
      )
      if (!vectors.every((vector) => vector.every(Number.isFinite))) throw logitsNotFinite()
      return { vectors, tokens: tokensOf(read) }
    })
  }

  async close(): Promise<void> {
    await this.idle()
    if (!this.#calls.close()) return
    this.#forward[Symbol.dispose]()
    await this.sessions.close()
  }

  /** Work on a request's texts, when they are to be read. */
  #read<T>(texts: Texts, options: Asker, signal: AbortSignal | undefined, work: () => Promise<T>): Promise<T> {
    return this.#calls.run(() => this.#scheduler.read(askerOf(options), { texts }, work, signal))
  }

  #inTurn(options: Asker, signal: AbortSignal | undefined): InTurn {
    return (tokens, run) => this.#scheduler.run(askerOf(options), tokens, run, signal)
  }

  #ready(composed: Composed | null): { composition: PlacedComposition; room: number; tokenizer: Tokenizer } {
    const { tokenizer, name, spec } = this.model
    if (!tokenizer) throw noTokenizer(name)
    const composition = this.#placed(composed)
    return { composition, room: roomBehind(positionsOf(composition.placement), spec.maxPositions), tokenizer }
  }

  /** Without a cache there is nothing to compute ahead, and in both directions what stands in front depends on what follows. */
  #placed(composed: Composed | null): PlacedComposition {
    if (!composed) return { placement: nothingPlaced, inputs: [] }
    const composition = this.#prepared.get(composed) ?? placed(composed, this.model, this.sessions.embedding, ['inputs', 'cache', 'head'])
    this.#prepared.set(composed, composition)
    return composition
  }
}
