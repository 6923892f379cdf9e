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

/** A page, newest first, or oldest first with `asc`. */
export function pageOf<T>(
  all: T[],
  idOf: (item: T) => string,
  { after, limit, order = 'desc' }: { after?: string | undefined; limit: number; order?: 'asc' | 'desc' },
): { page: T[]; hasMore: boolean } {
  const sorted = order === 'asc' ? all : all.toReversed()
  const behind = after === undefined ? sorted : sorted.slice(sorted.findIndex((item) => idOf(item) === after) + 1)
  return { page: behind.slice(0, limit), hasMore: behind.length > limit }
}
