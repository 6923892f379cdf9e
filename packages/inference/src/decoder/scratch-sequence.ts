import { Mutex } from 'async-mutex'
import { runExclusive } from '../scheduler/cancellation.ts'
import type { Forward } from './forward.ts'

/** The largest cache kept while nobody uses it, in slots; a long text's is given back. */
export const IDLE_SLOTS = 1024

/** A cache row beside the decode batch, for work that reads a text to its end and leaves: compositions, classes, scores. One at a time. */
export class ScratchSequence {
  readonly forward: Forward
  /** Positions fed in one run. */
  readonly chunk: number
  readonly #mutex = new Mutex()

  constructor(forward: Forward, chunk: number) {
    this.forward = forward
    this.chunk = chunk
  }

  /** Aborted in line, the work is not begun; once begun, it looks at the signal itself. */
  use<T>(work: (scratch: ScratchSequence) => Promise<T>, signal?: AbortSignal): Promise<T> {
    return runExclusive(
      this.#mutex,
      async () => {
        try {
          return await work(this)
        } finally {
          if (this.forward.cache.slots > IDLE_SLOTS) this.forward.release()
        }
      },
      signal,
    )
  }
}
