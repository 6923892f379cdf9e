import { modelLoading } from './errors.ts'

/** An engine's calls under way: closing waits for them, and what comes after closing is refused. */
export class Calls {
  readonly #model: string
  readonly #open = new Set<Promise<unknown>>()
  #closed = false

  constructor(model: string) {
    this.#model = model
  }

  get size(): number {
    return this.#open.size
  }

  /** @throws WeftError `model_loading` once closed */
  async run<T>(work: () => Promise<T>): Promise<T> {
    if (this.#closed) throw modelLoading(this.#model)
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
