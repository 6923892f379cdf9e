/** Runs what it is given one after another, in the order in which it came. What fails hinders nothing that comes after it. */
export class InOrder {
  #last: Promise<unknown> = Promise.resolve()

  run<T>(work: () => Promise<T>): Promise<T> {
    const next = this.#last.then(work, work)
    this.#last = next.catch(() => {})
    return next
  }

  /** Through once everything is that was given so far. */
  get settled(): Promise<unknown> {
    return this.#last
  }
}
