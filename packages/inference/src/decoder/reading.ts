import type { Asker } from '../scheduler/asker.ts'
import type { BatchRow } from '../scheduler/batch-row.ts'
import { whileUnfinished } from '../scheduler/cancellation.ts'
import type { Scheduler } from '../scheduler/scheduler.ts'
import type { Work } from '../scheduler/work.ts'
import type { CacheBatch } from './cache-batch.ts'

/**
 * Takes the rows of one request in. An aborted request leaves the line at once and the batch before its next step.
 * @throws WeftError 429 `too_many_waiting`, `too_many_operands` for more rows than a step has places
 */
export function submitRows(scheduler: Scheduler, batch: CacheBatch, rows: readonly BatchRow[], signal?: AbortSignal): void {
  batch.check(rows)
  const abort = () => {
    for (const row of rows) row.abort(signal?.reason)
  }
  if (signal?.aborted) return abort()
  scheduler.add(new Reading(batch, rows))
  // They end together.
  whileUnfinished(rows[0], signal, abort)
}

/** The prompts of one request's rows: one, or several that step together. */
export class Reading implements Work {
  readonly asker: Asker
  begun = false
  readonly #batch: CacheBatch
  readonly #rows: readonly BatchRow[]
  /** Rows whose prompts are read. */
  #read = 0

  constructor(batch: CacheBatch, rows: readonly BatchRow[]) {
    this.asker = rows[0].request.asker ?? {}
    this.#batch = batch
    this.#rows = rows
  }

  get places(): number {
    return this.#rows.length
  }

  get tokens(): number {
    return this.#rows.slice(this.#read).reduce((sum, { request, prefilled }) => sum + request.prompt.length - prefilled, 0)
  }

  get ready(): boolean {
    return this.begun || this.#batch.fits(this.#rows)
  }

  get done(): boolean {
    return this.#read === this.#rows.length || this.#rows.every(({ finished }) => finished)
  }

  async run(most: number): Promise<number> {
    if (!this.begun) {
      this.#batch.expect(this.#rows)
      this.#rows[0].request.progress?.begun()
    }
    this.begun = true
    const row = this.#rows[this.#read]
    let tokens = 0
    try {
      if (!row.finished) tokens = await this.#batch.read(row, most)
      if (row.finished || row.prefilled === row.request.prompt.length) this.#read++
    } catch (error) {
      for (const row of this.#rows) row.fail(error)
    }
    if (this.done) for (const row of this.#rows.slice(this.#read)) this.#batch.leave(row)
    return tokens
  }
}
