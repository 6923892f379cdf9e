import { DecayedCount } from './decayed-count.ts'
import type { MonotonicClock } from './monotonic-clock.ts'

/** Keys that are counted; of more, those that were asked longest ago are forgotten. */
const mostKeys = 2000
/** Before so many requests of late, none of its share is known of a key. */
const fewest = 16
/** The part of one runner's even share that a key may have before a second runner holds it too. */
const partOfOne = 0.5

/** How much of the traffic each composition is, and so on how many runners it is held. */
export class HotKeys {
  readonly #now: MonotonicClock
  readonly #counts = new Map<string, DecayedCount>()
  readonly #all = new DecayedCount()

  constructor(now: MonotonicClock) {
    this.#now = now
  }

  /** Counts one request. */
  asked(key: string): void {
    const now = this.#now()
    const count = this.#counts.get(key) ?? new DecayedCount()
    this.#counts.delete(key)
    this.#counts.set(key, count)
    count.add(now)
    this.#all.add(now)
    const oldest = this.#counts.keys().next().value
    if (this.#counts.size > mostKeys && oldest !== undefined) this.#counts.delete(oldest)
  }

  /** On how many of so many runners a key is to be held: 1, unless it is a good part of what one of them can do. */
  replicasOf(key: string, runners: number): number {
    const now = this.#now()
    const [own, all] = [this.#counts.get(key)?.at(now) ?? 0, this.#all.at(now)]
    if (own < fewest) return 1
    return Math.min(runners, Math.max(1, Math.ceil((own / all) * (runners / partOfOne))))
  }
}
