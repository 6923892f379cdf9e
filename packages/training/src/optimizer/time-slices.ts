import { Turns } from '@weft/inference/scheduler/turns'

const SLICE = 1 << 16
const SLICE_MS = 8

/**
 * Walks `[0, n)` in slices and lets other work run about every 8 ms.
 * Where the walk pauses has no influence on what it computes.
 */
export class TimeSlices {
  readonly #turns = new Turns(SLICE_MS)

  /** `cost` is how many elements one index of the walk stands for: a row of a matrix, say. */
  async walk(n: number, visit: (start: number, end: number) => void, cost = 1): Promise<void> {
    const slice = Math.max(1, Math.floor(SLICE / cost))
    for (let start = 0; start < n; start += slice) {
      visit(start, Math.min(n, start + slice))
      if (this.#turns.due) await this.#turns.take()
    }
  }
}
