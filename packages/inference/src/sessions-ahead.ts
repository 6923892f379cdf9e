import { Mutex } from 'async-mutex'
import { type AdapterTensors, type KeyedInputs, unionOf } from './compositions/adapter-tensors.ts'
import type { ModelSessions } from './model-sessions.ts'

/** Kinds of adapters that a mix is made ready for: the latest. */
const KINDS = 8

/**
 * Sessions that compositions will need, made before anybody asks: one for a row alone, and one for rows of all kinds side by side, which
 * stands in for any mix of them.
 */
export class SessionsAhead {
  readonly #sessions: ModelSessions
  /** By key, the latest last. */
  readonly #kinds = new Map<string, KeyedInputs>()
  #strengths = false
  // One after another, which leaves the cores to those that answer.
  readonly #mutex = new Mutex()

  constructor(sessions: ModelSessions) {
    this.#sessions = sessions
  }

  /** @param strengths whether its rows or prefixes have any other than 1 */
  make(layers: AdapterTensors | null, strengths: boolean): Promise<void> {
    this.#strengths ||= strengths
    if (layers) {
      this.#kinds.delete(layers.slots.key)
      this.#kinds.set(layers.slots.key, layers.slots)
      for (const oldest of this.#kinds.keys()) {
        if (this.#kinds.size <= KINDS) break
        this.#kinds.delete(oldest)
      }
    }
    return this.#mutex.runExclusive(async () => {
      const output = this.#sessions.usualOutput
      if (layers) await this.#sessions.layered(output, strengths, layers.alone)
      else await this.#sessions.session(output, strengths)
      if (this.#kinds.size === 0) return
      const union = unionOf([...this.#kinds.values()])
      for (const bias of this.#strengths ? [false, true] : [false]) await this.#sessions.layered(output, bias, this.#sessions.covering(output, bias, union))
    })
  }
}
