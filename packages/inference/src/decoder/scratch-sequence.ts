import type { InferenceOptions } from '@weft/model'
import type { Embeds } from '../compositions/embeds.ts'
import type { Asker } from '../scheduler/asker.ts'
import { Scheduler } from '../scheduler/scheduler.ts'
import type { Sequence } from '../sequence.ts'
import type { Forward } from './forward.ts'

/** The largest cache kept while nobody uses it, in slots; a long text's is given back. */
export const IDLE_SLOTS = 1024
/** Tokens of texts that a tenant is granted in a round beside others: a short text may cost no less than a chunk. */
const GRANT = 16

/** A cache row beside the decode batch, for work that reads a text to its end and leaves: compositions, classes, scores. One at a time. */
export class ScratchSequence {
  readonly forward: Forward
  /** Positions fed in one run. */
  readonly chunk: number
  readonly #scheduler: Scheduler
  /** Says whose text is next: within one, nobody else's can be read. */
  readonly #texts: Scheduler

  /** @param scheduler says when each run's turn is */
  constructor(forward: Forward, chunk: number, scheduler: Scheduler) {
    this.forward = forward
    this.chunk = chunk
    this.#scheduler = scheduler
    this.#texts = new Scheduler({ maxBatch: 1, maxWaiting: Number.POSITIVE_INFINITY, prefillChunk: GRANT })
  }

  /** `Forward.prefill` of the row, when its turn comes. Aborted in line, it is not begun. */
  prefill(
    asker: Asker,
    sequence: Sequence,
    embeds: Embeds,
    [from, to]: readonly [number, number],
    output: InferenceOptions['output'],
    signal?: AbortSignal,
  ): Promise<Float32Array> {
    return this.#scheduler.run(asker, to - from, () => this.forward.prefill(0, sequence, embeds, from, to, output), signal)
  }

  /** All of `embeds`, a chunk at a time; what the last run returned. */
  async feed(asker: Asker, sequence: Sequence, embeds: Embeds, output: InferenceOptions['output'], signal?: AbortSignal): Promise<Float32Array> {
    let result: Float32Array = new Float32Array()
    for (let from = 0; from < embeds.length; from += this.chunk) {
      signal?.throwIfAborted()
      result = await this.prefill(asker, sequence, embeds, [from, Math.min(from + this.chunk, embeds.length)], output, signal)
    }
    return result
  }

  /** A text of so many tokens, when its turn comes. Aborted in line, the work is not begun; once begun, it looks at the signal itself. */
  use<T>(asker: Asker, tokens: number, work: (scratch: ScratchSequence) => Promise<T>, signal?: AbortSignal): Promise<T> {
    const run = async () => {
      try {
        return await work(this)
      } finally {
        if (this.forward.cache.slots > IDLE_SLOTS) this.forward.release()
      }
    }
    return this.#texts.run(asker, tokens, run, signal)
  }
}
