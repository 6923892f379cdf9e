/** What is disposed of together, the last first. JavaScript's own `DisposableStack` is missing in Node 22, which Weft runs on. */
export class Disposables implements Disposable {
  #held: (() => void)[] = []

  /** Holds what can dispose of itself. */
  use<T extends Disposable>(value: T): T {
    return this.adopt(value, () => value[Symbol.dispose]())
  }

  /** Holds what is given back by `dispose`. */
  adopt<T>(value: T, dispose: (value: T) => void): T {
    this.#held.push(() => dispose(value))
    return value
  }

  /** Hands all of it over to another owner; this one holds nothing any more. */
  move(): Disposables {
    const moved = new Disposables()
    moved.#held = this.#held.splice(0)
    return moved
  }

  /** One that fails keeps nothing else alive: the first failure is thrown when all have had their turn. */
  [Symbol.dispose](): void {
    const failures: unknown[] = []
    for (const dispose of this.#held.splice(0).reverse()) {
      try {
        dispose()
      } catch (error) {
        failures.push(error)
      }
    }
    if (failures.length > 0) throw failures[0]
  }
}
