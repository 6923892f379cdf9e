/** What stands for every value beyond the first so many. */
const OTHER = 'other'

/** Values of a label, at most so many different ones in the life of a process: each costs a time series for ever. */
export class BoundedLabels {
  readonly #known = new Set<string>()
  readonly #most: number

  constructor(most: number) {
    this.#most = most
  }

  of(value: string): string {
    if (this.#known.has(value)) return value
    if (this.#known.size >= this.#most) return OTHER
    this.#known.add(value)
    return value
  }
}
