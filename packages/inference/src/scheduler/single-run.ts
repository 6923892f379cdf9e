import type { Asker } from './asker.ts'
import type { Work } from './work.ts'

/** Work of one piece, with a result. */
export class SingleRun<T> implements Work {
  readonly asker: Asker
  readonly tokens: number
  readonly result: Promise<T>
  readonly places = 0
  readonly ready = true
  begun = false
  done = false
  readonly #run: () => Promise<T>
  readonly #settle: PromiseWithResolvers<T>
  readonly #leave: () => void

  constructor(asker: Asker, tokens: number, run: () => Promise<T>, signal?: AbortSignal) {
    this.asker = asker
    this.tokens = tokens
    this.#run = run
    this.#settle = Promise.withResolvers<T>()
    this.result = this.#settle.promise
    const abort = () => {
      // What runs is awaited to its end: what it works on is not free before.
      if (this.begun) return
      this.done = true
      this.#settle.reject(signal?.reason)
    }
    this.#leave = () => signal?.removeEventListener('abort', abort)
    if (signal?.aborted) abort()
    else signal?.addEventListener('abort', abort, { once: true })
  }

  async run(): Promise<number> {
    this.begun = true
    try {
      this.#settle.resolve(await this.#run())
    } catch (error) {
      this.#settle.reject(error)
    } finally {
      this.#leave()
      this.done = true
    }
    return this.tokens
  }
}
