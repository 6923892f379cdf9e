import type { Row } from '../generation/row.ts'

interface Waiting {
  row: Row
  /** Rows that came later and went first. */
  overtaken: number
}

/**
 * Rows that wait for a place in the batch, in the order they came. One that does not fit beside those in the batch is passed by
 * later ones that do, but by no more than `mostOvertaking`: then nobody passes it, and the batch empties until it fits.
 */
export class WaitingRows {
  readonly #mostOvertaking: number
  readonly #rows = new Set<Waiting>()

  constructor(mostOvertaking: number) {
    this.#mostOvertaking = mostOvertaking
  }

  get size(): number {
    return this.#rows.size
  }

  /** Takes a row in until it is taken out, or ends by itself. */
  add(row: Row): void {
    const waiting = { row, overtaken: 0 }
    this.#rows.add(waiting)
    row.whenFinished(() => this.#rows.delete(waiting))
  }

  /** The first row that fits, out of the line; none where none does, or where one that does not was passed often enough. */
  take(fits: (row: Row) => boolean): Row | undefined {
    const passed: Waiting[] = []
    for (const waiting of this.#rows) {
      if (fits(waiting.row)) {
        for (const each of passed) each.overtaken++
        this.#rows.delete(waiting)
        return waiting.row
      }
      if (waiting.overtaken >= this.#mostOvertaking) return undefined
      passed.push(waiting)
    }
    return undefined
  }
}
