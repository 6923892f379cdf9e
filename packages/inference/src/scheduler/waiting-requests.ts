import type { BatchRow } from './batch-row.ts'

interface Waiting {
  /** Rows that step together. */
  rows: readonly BatchRow[]
  /** Requests that came later and went first. */
  overtaken: number
}

/**
 * Requests that wait for places in the batch, in the order they came. One that does not fit beside the rows in the batch is passed by
 * later ones that do, but by no more than `mostOvertaking`: then nobody passes it, and the batch empties until it fits.
 */
export class WaitingRequests {
  readonly #mostOvertaking: number
  readonly #requests = new Set<Waiting>()

  constructor(mostOvertaking: number) {
    this.#mostOvertaking = mostOvertaking
  }

  get size(): number {
    return this.#requests.size
  }

  /** Takes a request in until it is taken out, or ends by itself. */
  add(rows: readonly BatchRow[]): void {
    const waiting = { rows, overtaken: 0 }
    this.#requests.add(waiting)
    for (const row of rows) row.whenFinished(() => this.#requests.delete(waiting))
  }

  /** The rows of the first request that fits, out of the line; none where none does, or where one that does not was passed often enough. */
  take(fit: (rows: readonly BatchRow[]) => boolean): readonly BatchRow[] | undefined {
    const passed: Waiting[] = []
    for (const waiting of this.#requests) {
      if (fit(waiting.rows)) {
        for (const each of passed) each.overtaken++
        this.#requests.delete(waiting)
        return waiting.rows
      }
      if (waiting.overtaken >= this.#mostOvertaking) return undefined
      passed.push(waiting)
    }
    return undefined
  }
}
