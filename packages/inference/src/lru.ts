/** Least recently used first out, under a budget in bytes. An entry larger than the whole budget is not kept. */
export class Lru<T> {
  readonly #entries = new Map<string, { value: T; bytes: number }>()
  readonly #budget: number
  readonly #onEvict: (key: string, value: T) => void
  #bytes = 0

  constructor(budget: number, onEvict: (key: string, value: T) => void = () => {}) {
    this.#budget = budget
    this.#onEvict = onEvict
  }

  get bytes(): number {
    return this.#bytes
  }

  get size(): number {
    return this.#entries.size
  }

  /** Looks up and marks as used. */
  get(key: string): T | undefined {
    const entry = this.#entries.get(key)
    if (entry === undefined) return undefined
    this.#entries.delete(key)
    this.#entries.set(key, entry)
    return entry.value
  }

  /** @returns whether the entry was kept */
  set(key: string, value: T, bytes: number): boolean {
    this.delete(key)
    if (bytes > this.#budget) return false
    this.#entries.set(key, { value, bytes })
    this.#bytes += bytes
    for (const oldest of this.#entries.keys()) {
      if (this.#bytes <= this.#budget) break
      const { value: evicted } = this.#entries.get(oldest)!
      this.delete(oldest)
      this.#onEvict(oldest, evicted)
    }
    return true
  }

  /** Evicts everything. */
  clear(): void {
    for (const [key, { value }] of [...this.#entries]) {
      this.delete(key)
      this.#onEvict(key, value)
    }
  }

  delete(key: string): void {
    const entry = this.#entries.get(key)
    if (entry === undefined) return
    this.#entries.delete(key)
    this.#bytes -= entry.bytes
  }
}
