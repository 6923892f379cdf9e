import type { SiteState } from '@weft/adapters'
import { Engine, type EngineOptions } from './engine.ts'

/** Each variant is a model of its own in memory, so few are kept. */
const KEPT = 2

/**
 * Base models with other weights (the `weights` site of method `full`). All other sites act on inputs and caches and share
 * one engine; new weights cannot, so such a composition gets an engine, with a batch of its own.
 */
export class Variants {
  readonly #options: EngineOptions
  readonly #engines = new Map<string, Promise<Engine>>()

  constructor(options: EngineOptions) {
    this.#options = options
  }

  /** @param key the composition's: equal keys mean equal weights */
  engine(base: Engine, key: string, weights: SiteState): Promise<Engine> {
    const known = this.#engines.get(key)
    if (known) {
      this.#engines.delete(key)
      this.#engines.set(key, known)
      return known
    }
    const replaced = new Map(Object.entries(weights).map(([name, { data }]) => [name, data as Float32Array]))
    const opened = Engine.open(base.model, this.#options, { weights: replaced, base: base.sessions })
    opened.catch(() => this.#engines.delete(key))
    this.#engines.set(key, opened)
    for (const [oldest, engine] of this.#engines) {
      if (this.#engines.size <= KEPT) break
      this.#engines.delete(oldest)
      void engine.then(
        (evicted) => evicted.close(),
        () => {},
      )
    }
    return opened
  }

  async close(): Promise<void> {
    const engines = [...this.#engines.values()]
    this.#engines.clear()
    await Promise.allSettled(engines.map(async (engine) => (await engine).close()))
  }
}
