import type { LoadedModel } from '@weft/model'
import type { GenerateEnd, GenerateToken } from '@weft/protocol'
import { Mutex } from 'async-mutex'
import { Calls } from '../calls.ts'
import { adapterTensors } from '../compositions/adapter-tensors.ts'
import { hasStrengths } from '../compositions/placed.ts'
import {
  type Asked,
  type ClassifyInput,
  type ClassifyOptions,
  type Embedded,
  type EmbedInput,
  type EmbedOptions,
  type Engine,
  type EngineOptions,
  isOutputs,
  type Named,
} from '../engine.ts'
import { cannotDo } from '../errors.ts'
import { type GenerateOptions, generate, generateOutputs, prepared, type Submit } from '../generation/generate.ts'
import { scoreOutputs } from '../generation/score-outputs.ts'
import { ModelSessions, type WeightOverride } from '../model-sessions.ts'
import type { PrefixOwner } from '../prefix-cache/prefix-owner.ts'
import { SharedPrompts } from '../prefix-cache/shared-prompts.ts'
import { asksBase } from '../sampling/combine-outputs.ts'
import { type Asker, askerOf } from '../scheduler/asker.ts'
import type { SchedulerCounts } from '../scheduler/counts.ts'
import { Scheduler } from '../scheduler/scheduler.ts'
import type { TextsRead } from '../scheduler/text-lists.ts'
import type { FixedPrefix, RowPrefix } from '../sequence.ts'
import { SessionsAhead } from '../sessions-ahead.ts'
import { CacheBatch } from './cache-batch.ts'
import { FixedPrefixes } from './fixed-prefixes.ts'
import { Forward } from './forward.ts'
import { type Classified, classify } from './hidden-states/classify.ts'
import { embed } from './hidden-states/embed.ts'
import { submitRows } from './reading.ts'
import { type Scored, type ScoreOptions, score } from './score.ts'
import { ScratchSequence } from './scratch-sequence.ts'

/** Inference of a model that generates: one decode batch for every request, whatever it composes. */
export class DecoderEngine implements Engine {
  readonly model: LoadedModel
  readonly sessions: ModelSessions
  readonly #scheduler: Scheduler
  readonly #batch: CacheBatch
  readonly #forward: Forward
  readonly #scratch: ScratchSequence
  readonly #prefixes: FixedPrefixes
  readonly #calls: Calls
  readonly #ahead: SessionsAhead

  private constructor(sessions: ModelSessions, forward: Forward, scratch: Forward, options: EngineOptions) {
    this.model = sessions.model
    this.sessions = sessions
    this.#calls = new Calls(sessions.model.name, options)
    this.#forward = forward
    this.#ahead = new SessionsAhead(sessions)
    this.#batch = new CacheBatch(forward, options, new SharedPrompts(options.fixed, forward.cache))
    this.#scheduler = new Scheduler(options, this.#batch)
    this.#scratch = new ScratchSequence(scratch, options.prefillChunk, this.#scheduler)
    this.#prefixes = new FixedPrefixes(this.#scratch, options.fixed)
  }

  /** @param override weights in place of the base's, with the sessions to share the others with (method `full`) */
  static async open(model: LoadedModel, options: EngineOptions, override?: WeightOverride): Promise<DecoderEngine> {
    const { runtime, device, threads, attentionKernel, compositionBytes } = options
    const sessions = await ModelSessions.open({
      runtime,
      model,
      device,
      threads,
      metrics: options.metrics,
      compositionBytes,
      ...(attentionKernel && { attentionKernel }),
      ...(override && { override }),
    })
    // One run at a time keeps inference to its share of the cores; a training step has the others.
    const mutex = new Mutex()
    const forward = await Forward.open(sessions, mutex)
    return new DecoderEngine(sessions, forward, await Forward.open(sessions, mutex), options)
  }

  prepare({ composed }: NonNullable<Named>): Promise<void> {
    return this.#calls.run(() => this.#ahead.make(adapterTensors(composed, this.model.spec), hasStrengths(composed)))
  }

  /** Resolves when the request is accepted, with its events. */
  generate(asked: Asked, options: GenerateOptions, signal?: AbortSignal): Promise<AsyncGenerator<GenerateToken | GenerateEnd>> {
    return this.#calls.run(async () => {
      this.#requireTokens('generate')
      const ready = await prepared(this.model, options)
      const behind = await this.#behind(asked, options, signal)
      return isOutputs(asked)
        ? generateOutputs(this.model, this.#submit, asked, behind, ready, signal)
        : generate(this.model, this.#submit, behind[0], ready, signal)
    })
  }

  classify(composition: Named, inputs: readonly ClassifyInput[], options: ClassifyOptions = {}, signal?: AbortSignal): Promise<Classified> {
    return this.#read({ texts: inputs }, options, signal, async () =>
      classify(
        this.#scratch,
        composition?.key ?? null,
        composition?.composed ?? null,
        await this.#fixed(composition, options, signal),
        inputs,
        options,
        signal,
      ),
    )
  }

  embed(composition: Named, inputs: readonly EmbedInput[], options: EmbedOptions = {}, signal?: AbortSignal): Promise<Embedded> {
    return this.#read({ texts: inputs }, options, signal, async () =>
      embed(this.#scratch, composition?.composed ?? null, await this.#fixed(composition, options, signal), inputs, options, signal),
    )
  }

  score(asked: Asked, options: ScoreOptions, signal?: AbortSignal): Promise<Scored> {
    return this.#read(options, options, signal, async () => {
      this.#requireTokens('score texts')
      return isOutputs(asked)
        ? scoreOutputs(this.model, this.#submit, asked, await this.#behind(asked, options, signal), options, signal)
        : score(this.#scratch, await this.#fixed(asked, options, signal), options, signal)
    })
  }

  get load(): { active: number; waiting: number } {
    return this.#scheduler.load
  }

  get cacheUse(): { used: number; reserved: number } {
    return this.#batch.use
  }

  get counts(): SchedulerCounts {
    return this.#scheduler.counts
  }

  idle(): Promise<void> {
    return this.#scheduler.idle()
  }

  async close(): Promise<void> {
    while (this.#calls.size > 0 || this.#scheduler.load.active + this.#scheduler.load.waiting > 0) {
      await this.#calls.settled()
      await this.#scheduler.idle()
    }
    if (!this.#calls.close()) return
    this.#forward[Symbol.dispose]()
    this.#scratch.forward[Symbol.dispose]()
    await this.sessions.close()
  }

  /** Of a classifier's checkpoint, or of one without the language model around it, there are hidden states alone. */
  #requireTokens(what: string): void {
    if (!this.model.spec.tasks.includes('CAUSAL_LM')) throw cannotDo(this.model, what)
  }

  readonly #submit: Submit = (rows, signal) => submitRows(this.#scheduler, this.#batch, rows, signal)

  /** Work on a request's texts, when they are to be read. */
  #read<T>(texts: TextsRead, options: Asker, signal: AbortSignal | undefined, work: () => Promise<T>): Promise<T> {
    return this.#calls.run(() => this.#scheduler.read(askerOf(options), texts, work, signal))
  }

  /** What stands before the prompt in each row of the batch: one, or the base's and the operands'. */
  async #behind(asked: Asked, options: Asker, signal: AbortSignal | undefined): Promise<RowPrefix[]> {
    const named = isOutputs(asked) ? [...(asksBase(asked.operator) ? [null] : []), ...asked.operands.map((operand) => operand.named)] : [asked]
    const behind: RowPrefix[] = []
    for (const composition of named) behind.push({ fixed: await this.#fixed(composition, options, signal), owner: this.#owner(composition, options) })
    for (const { fixed } of behind) await this.#batch.prepare(fixed, signal)
    return behind
  }

  async #fixed(composition: Named, options: Asker, signal: AbortSignal | undefined): Promise<FixedPrefix | null> {
    return composition ? this.#prefixes.of(this.#owner(composition, options), composition.composed, askerOf(options), signal) : null
  }

  #owner(composition: Named, { tenant }: Asker): PrefixOwner {
    const { fingerprint, precision } = this.model
    const dormant = composition?.composed.dormantKey
    return {
      model: `${fingerprint} ${JSON.stringify(precision ?? null)}`,
      composition: composition?.key ?? null,
      ...(dormant !== undefined && { dormant }),
      ...(tenant !== undefined && { tenant }),
    }
  }
}
