import type { SiteState } from '@weft/adapters'
import { LRUCache } from 'lru-cache'
import type { Engine, EngineOptions } from '../engine.ts'
import { openEngine } from '../open-engine.ts'

/** Each is a model of its own in memory, so few are kept. */
const KEPT = 2

/**
 * Engines with other weights than the base model's (the `weights` site of method `full`). All other sites act on inputs and
 * caches and share one engine; new weights cannot, so such a composition gets an engine, with a batch of its own.
 */
export class WeightOverrides {
  readonly #options: EngineOptions
  /** By what the base computes in and the composition's key: one base may be served in several precisions. */
  readonly #engines = new LRUCache<string, Promise<Engine>>({ max: KEPT, dispose: (engine) => void closed(engine) })

  constructor(options: EngineOptions) {
    this.#options = options
  }

  /** @param composition its key: equal keys mean equal weights over the same base */
  engine(base: Engine, composition: string, weights: SiteState): Promise<Engine> {
    const key = `${JSON.stringify(base.model.precision ?? null)} ${composition}`
    const known = this.#engines.get(key)
    if (known) return known
    const byName = new Map(Object.entries(weights).map(([name, { data }]) => [name, data as Float32Array]))
    const opened = openEngine(base.model, this.#options, { weights: byName, base: base.sessions })
    opened.catch(() => this.#engines.peek(key) === opened && this.#engines.delete(key))
    this.#engines.set(key, opened)
    return opened
  }

  async close(): Promise<void> {
    const engines = [...this.#engines.values()]
    this.#engines.clear()
    await Promise.all(engines.map(closed))
  }
}

/** Closing twice is closing once. One that could not be opened has been reported to whoever asked for it. */
const closed = async (engine: Promise<Engine>): Promise<void> => {
  await engine.then(
    (opened) => opened.close(),
    () => {},
  )
}
