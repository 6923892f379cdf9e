import type { Asker } from './asker.ts'
import { untilAborted } from './cancellation.ts'

interface Running<T> {
  result: Promise<T>
  asker: Asker
  askers: number
  abort: AbortController
}

/** Work that several requests may wait for, by key: begun once, and given up when the last of them has left. */
export class SharedWork<T> {
  readonly #running = new Map<string, Running<T>>()

  /**
   * @param start begins the work for an asker, who is from then on as urgent as the most urgent of those that wait for it; its signal aborts when nobody
   *   waits any more
   */
  async of(key: string, asker: Asker, start: (asker: Asker, signal: AbortSignal) => Promise<T>, signal?: AbortSignal): Promise<T> {
    const running = this.#running.get(key) ?? this.#begin(key, { ...asker }, start)
    running.askers++
    running.asker.priority = Math.min(running.asker.priority ?? 0, asker.priority ?? 0)
    try {
      return await untilAborted(running.result, signal)
    } finally {
      if (--running.askers === 0) {
        running.abort.abort()
        this.#forget(key, running)
      }
    }
  }

  #begin(key: string, asker: Asker, start: (asker: Asker, signal: AbortSignal) => Promise<T>): Running<T> {
    const abort = new AbortController()
    const running: Running<T> = { result: start(asker, abort.signal), asker, askers: 0, abort }
    this.#running.set(key, running)
    return running
  }

  #forget(key: string, running: Running<T>): void {
    if (this.#running.get(key) === running) this.#running.delete(key)
  }
}
