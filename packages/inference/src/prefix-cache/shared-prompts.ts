import type { KeyValueCache } from '../decoder/cache/key-value-cache.ts'
import type { BatchRow } from '../scheduler/batch-row.ts'
import { BLOCK, type PrefixCache } from './prefix-cache.ts'

/** Rows of a batch take what others have read before them, and leave what they have read. Where a cache cannot copy parts of rows, nothing is shared. */
export class SharedPrompts {
  readonly #kept: PrefixCache
  readonly #cache: KeyValueCache

  constructor(kept: PrefixCache, cache: KeyValueCache) {
    this.#kept = kept
    this.#cache = cache
  }

  /** Copies the beginning of a row's prompt behind its composition, so far as it is kept. The last token is always read: its logits are wanted. */
  take(row: BatchRow, place: number): void {
    const { prompt, owner } = row.request
    if (!owner || !this.#cache.loadPart) return
    for (const block of this.#kept.match(owner, prompt, prompt.length - 1)) {
      this.#cache.loadPart(place, row.sequence.slots, block, BLOCK)
      row.sequence.slots += BLOCK
      row.sequence.position += BLOCK
      row.prefilled += BLOCK
    }
  }

  /** Keeps what a row's slots hold: its prompt so far as it is read, then what it was fed of its answer. */
  keep(row: BatchRow, place: number): void {
    const { prompt, owner, fixed } = row.request
    const cache = this.#cache
    if (!owner || !cache.savePart) return
    const first = fixed?.slots ?? 0
    const tokens = row.prefilled < prompt.length ? prompt.slice(0, row.prefilled) : [...prompt, ...row.answer].slice(0, row.sequence.slots - first)
    this.#kept.keep(owner, tokens, (block) => cache.savePart!(place, first + block * BLOCK, BLOCK))
  }
}
