import type { LoadedModel } from '@weft/model'
import type { GenerateEnd, GenerateToken, ScoreResponse } from '@weft/protocol'
import { Calls } from '../calls.ts'
import type { ClassifyInput, Engine, EngineOptions, Named, Replaced } from '../engine.ts'
import { cannotDo } from '../errors.ts'
import { type GenerateOptions, generate } from '../generate.ts'
import { ModelSessions } from '../model-sessions.ts'
import type { FixedPrefix } from '../sequence.ts'
import { Turns } from '../turns.ts'
import { type Classified, classify } from './classify.ts'
import { FixedPrefixes } from './fixed-prefixes.ts'
import { Forward } from './forward.ts'
import { Scheduler } from './scheduler.ts'
import { type ScoreOptions, score } from './score.ts'
import { SideRow } from './side-row.ts'

/** Inference of a model that generates: one decode batch for every request, whatever it composes. */
export class DecoderEngine implements Engine {
  readonly model: LoadedModel
  readonly sessions: ModelSessions
  readonly #scheduler: Scheduler
  readonly #forward: Forward
  readonly #side: SideRow
  readonly #prefixes: FixedPrefixes
  readonly #calls: Calls

  private constructor(sessions: ModelSessions, forward: Forward, side: SideRow, options: EngineOptions) {
    this.model = sessions.model
    this.sessions = sessions
    this.#calls = new Calls(sessions.model.name)
    this.#forward = forward
    this.#side = side
    this.#prefixes = new FixedPrefixes(side, options.fixed)
    this.#scheduler = new Scheduler(forward, options)
  }

  /** @param replaced weights in place of the base's, with the sessions to share the others with (method `full`) */
  static async open(model: LoadedModel, options: EngineOptions, replaced?: Replaced): Promise<DecoderEngine> {
    const { runtime, device, threads } = options
    const sessions = await ModelSessions.open({ runtime, model, device, threads, ...(replaced && { replaced: replaced.weights, shared: replaced.base }) })
    // One run at a time keeps inference to its share of the cores; a training step has the others.
    const turns = new Turns()
    const forward = await Forward.open(sessions, turns)
    const side = new SideRow(await Forward.open(sessions, turns), options.prefillChunk)
    return new DecoderEngine(sessions, forward, side, options)
  }

  /** Resolves when the request is accepted, with its events. */
  generate(composition: Named, options: GenerateOptions, signal?: AbortSignal): Promise<AsyncGenerator<GenerateToken | GenerateEnd>> {
    return this.#calls.run(async () => {
      const fixed = await this.#fixed(composition)
      await this.#scheduler.prepare(fixed)
      return generate(this.model, this.#scheduler, fixed, options, signal)
    })
  }

  classify(composition: Named, inputs: readonly ClassifyInput[], signal?: AbortSignal): Promise<Classified> {
    return this.#calls.run(async () =>
      classify(this.#side, composition?.key ?? null, composition?.composed ?? null, await this.#fixed(composition), inputs, signal),
    )
  }

  async embed(): Promise<never> {
    throw cannotDo(this.model, 'embed texts')
  }

  score(composition: Named, options: ScoreOptions, signal?: AbortSignal): Promise<ScoreResponse> {
    return this.#calls.run(async () => score(this.#side, await this.#fixed(composition), options, signal))
  }

  get load(): { active: number; waiting: number } {
    return this.#scheduler.load
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
    this.#side.forward[Symbol.dispose]()
    await this.sessions.close()
  }

  async #fixed(composition: Named): Promise<FixedPrefix | null> {
    return composition ? this.#prefixes.of(composition.key, composition.composed) : null
  }
}
