import { Mutex } from 'async-mutex'
import { tokenEmbeds } from '../compositions/embeds.ts'
import type { EngineOptions } from '../engine.ts'
import { batchTooSmall, tooManyWaiting } from '../errors.ts'
import type { SharedPrompts } from '../prefix-cache/shared-prompts.ts'
import type { Asker } from '../scheduler/asker.ts'
import type { BatchRow } from '../scheduler/batch-row.ts'
import { runExclusive } from '../scheduler/cancellation.ts'
import type { DecodeBatch } from '../scheduler/scheduler.ts'
import type { FixedPrefix } from '../sequence.ts'
import { bankBytes, LAYER_BYTES } from './bank/bank-bytes.ts'
import type { Forward } from './forward.ts'
import { IDLE_SLOTS } from './scratch-sequence.ts'

/** Most bytes of what rows do inside layers that are kept while nobody uses them; fewer where the process is to keep fewer of compositions. */
const IDLE_LAYER_BYTES = 256 * 1024 * 1024

type CacheBatchOptions = Pick<EngineOptions, 'maxBatch' | 'maxWaiting' | 'layerBytes' | 'compositionBytes'>

/**
 * Rows of a decoder's cache. Those that decode have the first places, without gaps: one that leaves is replaced by the last. Those whose
 * prompts are being read stand anywhere behind them, and change places when they join.
 */
export class CacheBatch implements DecodeBatch {
  readonly #forward: Forward
  readonly #options: CacheBatchOptions
  readonly #prompts: SharedPrompts | undefined
  #decoding: BatchRow[] = []
  /** Places of rows that do not decode yet. */
  readonly #places = new Map<BatchRow, number>()
  /** Rows that have been let in and have no place yet. */
  readonly #expected = new Set<BatchRow>()
  /** Requests whose sessions are being made. */
  #preparing = 0
  readonly #preparations = new Mutex()

  /** @param prompts what rows share of their prompts; absent: nothing */
  constructor(forward: Forward, options: CacheBatchOptions, prompts?: SharedPrompts) {
    this.#forward = forward
    this.#options = options
    this.#prompts = prompts
  }

  get size(): number {
    return this.#decoding.length
  }

  /** Slots that rows fill, of those that there are. */
  get use(): { used: number; reserved: number } {
    const { rows, slots } = this.#forward.cache
    const filled = [...this.#decoding, ...this.#places.keys()].reduce((sum, { sequence }) => sum + sequence.slots, 0)
    return { used: filled, reserved: rows * slots }
  }

  /**
   * Makes what a row of this composition will need in the batch as it is, while nobody waits for it.
   * @throws WeftError `too_many_waiting`, when as many requests wait for this
   */
  async prepare(fixed: FixedPrefix | null, signal?: AbortSignal): Promise<void> {
    const rows = [...this.#members().map(({ request }) => request.fixed), fixed].map((of) => ({ bias: of?.bias ?? null, layers: of?.layers ?? null }))
    if (rows.every(({ layers }) => layers === null)) return
    const { maxWaiting } = this.#options
    if (this.#preparing >= maxWaiting) throw tooManyWaiting(`${maxWaiting} requests already wait for this model`)
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

  /** @throws WeftError `batch_too_small` for more rows than a step has places */
  check(rows: readonly BatchRow[]): void {
    if (rows.length > this.#options.maxBatch) throw batchTooSmall(rows.length, this.#options.maxBatch)
  }

  /** Whether there are places for these rows, and what all rows do inside layers may lie side by side. Alone in the batch, every request fits. */
  fits(rows: readonly BatchRow[]): boolean {
    // Asked at every step of all that wait, most of which find no place.
    if (this.#taken() + rows.length > this.#options.maxBatch) return false
    const layers = [...this.#members(), ...rows].map(({ request }) => request.fixed?.layers ?? null)
    return layers.every((one) => one === layers[0]) || bankBytes(layers) <= (this.#options.layerBytes ?? LAYER_BYTES)
  }

  /** Keeps places for rows of one request. They come in together: half of them would wait for places that half of another request holds. */
  expect(rows: readonly BatchRow[]): void {
    for (const row of rows) {
      this.#expected.add(row)
      // One whose request is given up before its turn is not asked for again.
      row.whenFinished(() => this.#expected.delete(row))
    }
  }

  /** Reads at most `most` tokens of a row's prompt, and lets it decode once all are read; how many they were. */
  async read(row: BatchRow, most: number): Promise<number> {
    const { prompt, fixed } = row.request
    const { sessions } = this.#forward
    const place = this.#places.get(row) ?? (await this.#enter(row))
    const from = row.prefilled
    const to = Math.min(from + most, prompt.length)
    const logits =
      prompt.length === 0 ? fixed!.logits! : await this.#forward.prefill(place, row.sequence, tokenEmbeds(prompt, sessions.embedding), from, to, 'lastLogits')
    row.prefilled = to
    if (to === prompt.length) {
      this.#prompts?.keep(row, place)
      if (!row.finished) row.accept(logits)
      await this.#join(row, place)
    }
    return to - from
  }

  /** A row that ended before it decoded. */
  leave(row: BatchRow): void {
    this.#expected.delete(row)
    this.#places.delete(row)
  }

  async decode(): Promise<readonly Asker[]> {
    this.#compact()
    const rows = this.#decoding
    if (rows.length === 0) return []
    try {
      await this.#reserve(rows.length, 1 + Math.max(...rows.map(({ sequence }) => sequence.slots)))
      await this.#forward.decode(rows, (logits, i) => {
        if (!rows[i].finished) rows[i].accept(logits)
      })
    } catch (error) {
      for (const row of rows) row.fail(error)
    }
    const served = rows.map(({ request: { asker = {} } }) => asker)
    this.#compact()
    return served
  }

  rest(): void {
    // What is small stays bound: the next rows may well be of the same compositions.
    const { compositionBytes = IDLE_LAYER_BYTES } = this.#options
    if (this.#forward.layerBytes > Math.min(IDLE_LAYER_BYTES, compositionBytes)) this.#forward.releaseLayers()
    if (this.#forward.cache.slots > IDLE_SLOTS) this.#forward.release()
  }

  /** Rows that have places or will have them. */
  #members(): BatchRow[] {
    return [...this.#decoding, ...this.#places.keys(), ...this.#expected].filter(({ finished }) => !finished)
  }

  /** How many those are. */
  #taken(): number {
    let taken = 0
    for (const rows of [this.#decoding, this.#places.keys(), this.#expected]) for (const { finished } of rows) if (!finished) taken++
    return taken
  }

  async #enter(row: BatchRow): Promise<number> {
    this.#compact()
    const { prompt, text, fixed } = row.request
    const place = this.#free()
    await this.#reserve(place + 1, (fixed?.slots ?? 0) + prompt.length + 1)
    row.sequence = await this.#forward.start(place, fixed, text ? [...prompt, ...text] : prompt)
    this.#prompts?.take(row, place)
    this.#expected.delete(row)
    this.#places.set(row, place)
    return place
  }

  /** The first place from `place` on that no row has. */
  #free(place = this.#decoding.length): number {
    const taken = new Set(this.#places.values())
    while (taken.has(place)) place++
    return place
  }

  /** Moves a row whose prompt is read behind the last that decodes. */
  async #join(row: BatchRow, place: number): Promise<void> {
    const { cache } = this.#forward
    const end = this.#decoding.length
    const other = [...this.#places].find(([each, taken]) => taken === end && each !== row)?.[0]
    if (other) {
      const free = this.#free(end + 1)
      await this.#reserve(free + 1, cache.slots)
      cache.move(end, free, other.sequence.slots)
      this.#places.set(other, free)
    }
    this.#places.delete(row)
    if (place !== end) cache.move(place, end, row.sequence.slots)
    this.#decoding.push(row)
  }

  /** Fills the places of rows that have ended. */
  #compact(): void {
    for (const row of this.#places.keys()) if (row.finished) this.#places.delete(row)
    for (let i = this.#decoding.length - 1; i >= 0; i--) {
      const row = this.#decoding[i]
      if (!row.finished) continue
      this.#prompts?.keep(row, i)
      const last = this.#decoding.pop()!
      if (i === this.#decoding.length) continue
      this.#forward.cache.move(this.#decoding.length, i, last.sequence.slots)
      this.#decoding[i] = last
    }
  }

  #reserve(rows: number, slots: number): Promise<void> {
    const used: number[] = this.#decoding.map(({ sequence }) => sequence.slots)
    for (const [{ sequence }, place] of this.#places) used[place] = sequence.slots
    return this.#forward.cache.reserve(
      Math.max(rows, used.length),
      slots,
      Array.from(used, (slots) => slots ?? 0),
    )
  }
}
