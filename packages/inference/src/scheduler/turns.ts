import { setImmediate } from 'node:timers/promises'

/** Longest stretch of arithmetic on the host, unless said. */
const STRETCH_MS = 4

/** Turns of the event loop during long arithmetic, so that whoever waits for a token or a connection is served. When they come has no influence on what is computed. */
export class Turns {
  readonly #stretchMs: number
  #since = performance.now()

  constructor(stretchMs = STRETCH_MS) {
    this.#stretchMs = stretchMs
  }

  /** Counts from now: the loop had its turn while something else was awaited. */
  begin(): void {
    this.#since = performance.now()
  }

  /** Whether the stretch is over. Asked first, since what is awaited costs a little even where nothing waits. */
  get due(): boolean {
    return performance.now() - this.#since >= this.#stretchMs
  }

  async take(): Promise<void> {
    await setImmediate()
    this.begin()
  }
}
