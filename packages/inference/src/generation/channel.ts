/** A queue between one writer and one reader: what is sent before anyone reads waits. */
export class Channel<T> implements AsyncIterable<T> {
  readonly #items: T[] = []
  #ended = false
  #error: unknown
  #wake: (() => void) | undefined

  send(item: T): void {
    if (this.#ended) return
    this.#items.push(item)
    this.#wake?.()
  }

  /** Ends the stream, after what is still queued; with an error, the reader throws it there. */
  close(error?: unknown): void {
    if (this.#ended) return
    this.#ended = true
    this.#error = error
    this.#wake?.()
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<T> {
    for (;;) {
      while (this.#items.length > 0) yield this.#items.shift()!
      if (this.#ended) break
      await new Promise<void>((resolve) => (this.#wake = resolve))
      this.#wake = undefined
    }
    if (this.#error !== undefined) throw this.#error
  }
}
