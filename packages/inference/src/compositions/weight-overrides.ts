import { setImmediate } from 'node:timers/promises'
import type { SiteState } from '@weft/adapters'
import { Mutex } from 'async-mutex'
import type { Engine, EngineOptions } from '../engine.ts'
import { modelLoading } from '../errors.ts'
import { openEngine } from '../open-engine.ts'

/** Each is a model of its own in memory, so few are there at once. */
const KEPT = 2

/**
 * Engines with other weights than the base model's (the `weights` site of method `full`). All other sites act on inputs and
 * caches and share one engine; new weights cannot, so such a composition gets an engine, with a batch of its own.
 */
export class WeightOverrides {
  readonly #options: EngineOptions
  /** By what the base computes in and the composition's key: one base may be served in several precisions. The least recently used first. */
  readonly #engines = new Map<string, Engine>()
  /** Those that are waited for. */
  readonly #coming = new Map<string, Promise<Engine>>()
  /** One gives way and one is opened at a time. */
  readonly #place = new Mutex()
  #closed = false

  constructor(options: EngineOptions) {
    this.#options = options
  }

  /**
   * One that is not there waits until the least recently used has answered whoever asks it, and takes its place.
   * @param composition its key: equal keys mean equal weights over the same base
   */
  async engine(base: Engine, composition: string, weights: SiteState): Promise<Engine> {
    const key = `${JSON.stringify(base.model.precision ?? null)} ${composition}`
    const known = this.#engines.get(key)
    if (known) {
      this.#engines.delete(key)
      this.#engines.set(key, known)
      return known
    }
    const coming = this.#coming.get(key) ?? this.#place.runExclusive(() => this.#open(key, base, weights)).finally(() => this.#coming.delete(key))
    this.#coming.set(key, coming)
    return coming
  }

  async close(): Promise<void> {
    this.#closed = true
    await Promise.allSettled(this.#coming.values())
    await Promise.all([...this.#engines.values()].map((engine) => engine.close()))
    this.#engines.clear()
  }

  async #open(key: string, base: Engine, weights: SiteState): Promise<Engine> {
    if (this.#closed) throw modelLoading(base.model.name)
    if (this.#engines.size >= KEPT) {
      const [[oldest, engine]] = this.#engines
      this.#engines.delete(oldest)
      // Whoever has just been given it asks it first.
      await setImmediate()
      await engine.close()
    }
    const byName = new Map(Object.entries(weights).map(([name, { data }]) => [name, data as Float32Array]))
    const engine = await openEngine(base.model, this.#options, { weights: byName, base: base.sessions })
    this.#engines.set(key, engine)
    return engine
  }
}
