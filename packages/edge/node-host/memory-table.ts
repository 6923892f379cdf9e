import { nowSeconds } from '../src/identifiers.ts'

/** Values by key, copied as they go in and out, as a store's are. */
export class Table<T> {
  readonly #held = new Map<string, T>()
  readonly #setAt = new Map<string, number>()
  get = (key: string): T | undefined => structuredClone(this.#held.get(key))
  set = (key: string, value: T): void => {
    this.#held.set(key, structuredClone(value))
    this.#setAt.set(key, nowSeconds())
  }
  keys = (): string[] => [...this.#held.keys()]
  /** When a value was set last. Seconds since 1970. */
  setAt = (key: string): number => this.#setAt.get(key) ?? 0
  delete = (key: string): boolean => this.#held.delete(key)
  all = (): T[] => [...this.#held.values()].map((value) => structuredClone(value))
}

/** A page, newest first. */
export function pageOf<T>(
  all: T[],
  idOf: (item: T) => string,
  { after, limit }: { after?: string | undefined; limit: number },
): { page: T[]; hasMore: boolean } {
  const newest = all.toReversed()
  const behind = after === undefined ? newest : newest.slice(newest.findIndex((item) => idOf(item) === after) + 1)
  return { page: behind.slice(0, limit), hasMore: behind.length > limit }
}
