import { modelLoading, tooManyWaiting } from './errors.ts'
import type { SchedulerOptions } from './scheduler/scheduler.ts'

/** An engine's calls under way: closing waits for them, and what comes after closing, or is one too many, is refused. */
export class Calls {
  readonly #model: string
  readonly #most: number
  readonly #open = new Set<Promise<unknown>>()
  #closed = false

  constructor(model: string, { maxBatch, maxWaiting }: SchedulerOptions) {
    this.#model = model
    this.#most = maxBatch + maxWaiting
  }

  get size(): number {
    return this.#open.size
  }

  /** @throws WeftError `model_loading` once closed, `too_many_waiting` */
  async run<T>(work: () => Promise<T>): Promise<T> {
    if (this.#closed) throw modelLoading(this.#model)
    if (this.#open.size >= this.#most) throw tooManyWaiting(`${this.#most} requests are already under way for this model`)
    const call = work()
    this.#open.add(call)
    try {
      return await call
    } finally {
      this.#open.delete(call)
    }
  }

  /** When every call there is has ended, one way or the other. */
  async settled(): Promise<void> {
    await Promise.allSettled(this.#open)
  }

  /** Whether this is the first to close. */
  close(): boolean {
    const first = !this.#closed
    this.#closed = true
    return first
  }
}
