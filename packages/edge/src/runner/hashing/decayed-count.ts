/** What is left of a count after so many milliseconds: half. */
export const halfLifeMs = 10_000

/** Counts what happened of late: every event weighs less the longer it is ago, without any of them being kept. */
export class DecayedCount {
  #value = 0
  #at = 0

  add(now: number): void {
    this.#value = this.at(now) + 1
    this.#at = now
  }

  /** @param now of a clock that never goes back, in milliseconds */
  at(now: number): number {
    return this.#value * 0.5 ** ((now - this.#at) / halfLifeMs)
  }
}
