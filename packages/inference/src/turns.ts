/**
 * One at a time, in the order of asking. The caches of an engine belong to whoever has the turn;
 * holding it for one step only lets long and short requests alternate.
 */
export class Turns {
  #last: Promise<unknown> = Promise.resolve()

  take<T>(work: () => Promise<T>): Promise<T> {
    const result = this.#last.then(work)
    this.#last = result.catch(() => {})
    return result
  }
}
