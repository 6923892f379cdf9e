/** Work that goes on after an answer, as a Worker's `waitUntil` takes it; the process stays until it is through. */
export class Background {
  readonly #work = new Set<Promise<unknown>>()

  readonly context = {
    waitUntil: (work: Promise<unknown>): void => {
      const kept: Promise<unknown> = work.catch((error: unknown) => console.error(error)).finally(() => this.#work.delete(kept))
      this.#work.add(kept)
    },
    passThroughOnException: (): void => {},
    props: {},
  }

  async settled(): Promise<void> {
    while (this.#work.size > 0) await Promise.all(this.#work)
  }
}
