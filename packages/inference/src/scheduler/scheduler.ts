import { Mutex } from 'async-mutex'
import { tokenEmbeds } from '../compositions/embeds.ts'
import type { Forward } from '../decoder/forward.ts'
import { IDLE_SLOTS } from '../decoder/scratch-sequence.ts'
import { bankBytes } from '../decoder/slot-bank.ts'
import { batchTooSmall, tooManyWaiting } from '../errors.ts'
import type { FixedPrefix } from '../sequence.ts'
import type { BatchRow } from './batch-row.ts'
import { runExclusive } from './cancellation.ts'
import { WaitingRequests } from './waiting-requests.ts'

export interface SchedulerOptions {
  /** Rows decoded in one step. */
  maxBatch: number
  maxWaiting: number
  /** Prompt tokens fed between two decode steps. */
  prefillChunk: number
  /** Bytes that rows doing different things inside layers may take side by side; default 512 MB. */
  layerBytes?: number
}

const LAYER_BYTES = 512 * 1024 * 1024

/** Requests that may pass one that does not fit beside those in the batch. After them the batch empties until it fits. */
const MOST_OVERTAKING = 16

/**
 * Continuous batching (Yu et al. 2022, Orca): rows join and leave between steps, and a long prompt is fed in chunks, so
 * that rows already answering wait for one chunk at most.
 *
 * Cache rows: `[decoding … | prefilling]`, without gaps: a row that leaves is replaced by the last one.
 */
export class Scheduler {
  readonly #forward: Forward
  readonly #options: SchedulerOptions
  readonly #waiting = new WaitingRequests(MOST_OVERTAKING)
  /** Rows of the request that was let in last, which have yet to take their places. */
  #admitted: BatchRow[] = []
  #decoding: BatchRow[] = []
  #prefilling: BatchRow | undefined
  /** Rows whose sessions are being made. */
  #preparing = 0
  readonly #preparations = new Mutex()
  #running: Promise<void> | undefined

  constructor(forward: Forward, options: SchedulerOptions) {
    this.#forward = forward
    this.#options = options
  }

  /** Rows in the batch and rows that wait for a place in it. */
  get load(): { active: number; waiting: number } {
    return { active: this.#decoding.length + (this.#prefilling ? 1 : 0), waiting: this.#waiting.size + this.#admitted.length }
  }

  /**
   * Makes what a row of this composition will need in the batch as it is, while nobody waits for it.
   * @throws WeftError `too_many_waiting`, when as many rows wait for this
   */
  async prepare(fixed: FixedPrefix | null, signal?: AbortSignal): Promise<void> {
    const rows = [...this.#inBatch.map(({ request }) => request.fixed), fixed].map((of) => ({ bias: of?.bias ?? null, layers: of?.layers ?? null }))
    if (rows.every(({ layers }) => layers === null)) return
    if (this.#preparing >= this.#options.maxWaiting) throw tooManyWaiting(this.#options.maxWaiting)
    this.#preparing++
    try {
      // One after another, which leaves the cores to those that answer.
      await runExclusive(
        this.#preparations,
        async () => {
          await this.#forward.prepare(rows.slice(-1))
          signal?.throwIfAborted()
          await this.#forward.prepare(rows)
        },
        signal,
      )
    } finally {
      this.#preparing--
    }
  }

  /**
   * Takes the rows of one request in: one, or several that step together. An aborted request leaves the line at once and the
   * batch before its next step.
   * @throws WeftError `too_many_waiting`, `batch_too_small` for more rows than a step has places
   */
  submit(rows: readonly BatchRow[], signal?: AbortSignal): void {
    const { maxBatch, maxWaiting } = this.#options
    if (rows.length > maxBatch) throw batchTooSmall(rows.length, maxBatch)
    if (this.#waiting.size >= maxWaiting) throw tooManyWaiting(maxWaiting)
    const abort = () => {
      for (const row of rows) row.abort(signal?.reason)
    }
    if (signal?.aborted) return abort()
    signal?.addEventListener('abort', abort, { once: true })
    this.#waiting.add(rows)
    this.#running ??= this.#run().finally(() => (this.#running = undefined))
  }

  /** When every row has left. */
  async idle(): Promise<void> {
    await this.#running
  }

  async #run(): Promise<void> {
    for (;;) {
      this.#compact()
      await this.#admit()
      if (this.#prefilling) await this.#prefill(this.#prefilling)
      if (this.#decoding.length > 0) await this.#decode()
      if (this.#decoding.length === 0 && !this.#prefilling && this.#waiting.size + this.#admitted.length === 0) break
    }
    this.#forward.releaseLayers()
    if (this.#forward.cache.slots > IDLE_SLOTS) this.#forward.release()
  }

  get #inBatch(): BatchRow[] {
    return [...this.#decoding, ...(this.#prefilling ? [this.#prefilling] : [])]
  }

  /** Fills the places of rows that have ended. */
  #compact(): void {
    const { cache } = this.#forward
    const end = this.#decoding.length
    for (let i = this.#decoding.length - 1; i >= 0; i--) {
      if (!this.#decoding[i].finished) continue
      const last = this.#decoding.pop()!
      if (i === this.#decoding.length) continue
      cache.move(this.#decoding.length, i, last.sequence.slots)
      this.#decoding[i] = last
    }
    if (this.#prefilling?.finished) this.#prefilling = undefined
    if (this.#prefilling && this.#decoding.length < end) cache.move(end, this.#decoding.length, this.#prefilling.sequence.slots)
  }

  async #admit(): Promise<void> {
    if (this.#prefilling) return
    // Rows that step together come in together: half of them would wait for places that the other half of another request holds.
    if (this.#admitted.length === 0) this.#admitted = [...(this.#waiting.take((rows) => this.#fit(rows)) ?? [])]
    const row = this.#admitted.shift()
    if (!row || row.finished) return
    const { prompt, fixed } = row.request
    try {
      await this.#reserve(this.#decoding.length + 1, (fixed?.slots ?? 0) + prompt.length + 1)
      row.sequence = await this.#forward.start(this.#decoding.length, fixed)
      this.#prefilling = row
    } catch (error) {
      row.fail(error)
    }
  }

  /** Whether there are places for these rows, and what all rows do inside layers may lie side by side. Alone in the batch, every request fits. */
  #fit(rows: readonly BatchRow[]): boolean {
    if (this.#decoding.length + rows.length > this.#options.maxBatch) return false
    if (!this.#forward.cache.batches) return true
    const layers = [...this.#decoding, ...rows].map(({ request }) => request.fixed?.layers ?? null)
    return layers.every((one) => one === layers[0]) || bankBytes(layers) <= (this.#options.layerBytes ?? LAYER_BYTES)
  }

  async #prefill(row: BatchRow): Promise<void> {
    const { sessions } = this.#forward
    const { prompt, fixed } = row.request
    const to = Math.min(row.prefilled + this.#options.prefillChunk, prompt.length)
    try {
      const logits =
        prompt.length === 0
          ? fixed!.logits!
          : await this.#forward.prefill(this.#decoding.length, row.sequence, tokenEmbeds(prompt, sessions.embedding), row.prefilled, to, 'lastLogits')
      row.prefilled = to
      if (to < prompt.length) return
      if (!row.finished) row.accept(logits)
    } catch (error) {
      row.fail(error)
    }
    this.#prefilling = undefined
    // Finished or not, it stands where the next decoding row belongs; the next compaction sees to it.
    this.#decoding.push(row)
  }

  async #decode(): Promise<void> {
    this.#compact()
    if (this.#decoding.length === 0) return
    const rows = this.#decoding
    try {
      await this.#reserve(rows.length, 1 + Math.max(...rows.map(({ sequence }) => sequence.slots)))
      await this.#forward.decode(rows, (logits, i) => {
        if (!rows[i].finished) rows[i].accept(logits)
      })
    } catch (error) {
      for (const row of rows) row.fail(error)
    }
  }

  #reserve(rows: number, slots: number): Promise<void> {
    const used = this.#inBatch.map(({ sequence }) => sequence.slots)
    return this.#forward.cache.reserve(Math.max(rows, used.length), slots, used)
  }
}
