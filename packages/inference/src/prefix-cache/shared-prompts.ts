import { createHash } from 'node:crypto'
import type { KeyValueCache } from '../decoder/cache/key-value-cache.ts'
import { firstOpened } from '../decoder/token-gates.ts'
import type { BatchRow } from '../scheduler/batch-row.ts'
import { BLOCK, type PrefixCache } from './prefix-cache.ts'
import type { PrefixOwner } from './prefix-owner.ts'

/** Consecutive tokens of a row whose keys and values one owner decides. */
interface Part {
  owner: PrefixOwner
  tokens: readonly number[]
}

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
    let isWhole = true
    for (const { owner: of, tokens } of partsOf(row, owner, prompt)) {
      const isLast = row.prefilled + tokens.length === prompt.length
      const blocks = this.#kept.match(of, tokens, isWhole ? tokens.length - Number(isLast) : 0)
      for (const block of blocks) {
        this.#cache.loadPart(place, row.sequence.slots, block, BLOCK)
        row.sequence.slots += BLOCK
        row.sequence.position += BLOCK
        row.prefilled += BLOCK
      }
      isWhole &&= blocks.length * BLOCK === tokens.length
    }
    row.cachedTokens = row.prefilled
  }

  /** Keeps what a row's slots hold: its prompt so far as it is read, then what it was fed of its answer. */
  keep(row: BatchRow, place: number): void {
    const { prompt, owner, fixed } = row.request
    const cache = this.#cache
    if (!owner || !cache.savePart) return
    const first = fixed?.slots ?? 0
    const read = row.prefilled < prompt.length ? prompt.slice(0, row.prefilled) : [...prompt, ...row.answer].slice(0, row.sequence.slots - first)
    let from = first
    for (const { owner: of, tokens } of partsOf(row, owner, read)) {
      const begin = from
      this.#kept.keep(of, tokens, (block) => cache.savePart!(place, begin + block * BLOCK, BLOCK))
      from += tokens.length
    }
  }
}

/**
 * Whose a row's tokens are. Whole blocks before the first invocation are those of the composition without what waits for one. Those behind depend on
 * where each invocation began too, and on the tokens before.
 */
function partsOf({ sequence: { opened }, request: { fixed } }: BatchRow, owner: PrefixOwner, tokens: readonly number[]): Part[] {
  const { dormant = owner.composition, ...own } = owner
  const before: PrefixOwner = { ...own, composition: dormant }
  const start = firstOpened(opened) - (fixed?.slots ?? 0)
  if (start >= tokens.length) return [{ owner: before, tokens }]
  const at = Math.floor(start / BLOCK) * BLOCK
  const behind = createHash('sha256')
    .update(JSON.stringify([opened, tokens.slice(0, at)]))
    .digest('hex')
  const parts = [
    { owner: before, tokens: tokens.slice(0, at) },
    { owner: { ...own, behind }, tokens: tokens.slice(at) },
  ]
  return parts.filter(({ tokens: { length } }) => length > 0)
}
