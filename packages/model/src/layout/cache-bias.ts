import { MASKED } from '@weft/adapters'
import { prefixPositions } from './prefix-positions.ts'

/** A row of the key/value cache before a step. */
export interface CachedRow {
  /** Slots in use. */
  slots: number
  /** Position of the step's first token. */
  position: number
  /** Slots of each prefix, which come first. */
  prefixLengths: readonly number[]
  /** Log strengths of the first slots, added to every attention logit toward them; null when all are 0. */
  bias: Float32Array | null
}

/**
 * Attention bias `[B, 1, T, total]` of an inference step over a cache: the strengths of each row's slots, for every query, and MASKED what
 * is outside of a query's window. Causality and lengths are the attention op's own, unless it asks for them. As in training, every prefix ends
 * right before what follows it.
 */
export function cacheBias(
  rows: readonly CachedRow[],
  T: number,
  total: number,
  { window = null, causal = false }: { window?: number | null; causal?: boolean } = {},
): Float32Array<ArrayBuffer> {
  const bias = new Float32Array(rows.length * T * total)
  rows.forEach(({ slots, position, prefixLengths, bias: strengths }, b) => {
    const columns = prefixLengths.reduce((sum, length) => sum + length, 0)
    const keys = Int32Array.from({ length: total }, (_, slot) => position - slots + slot)
    const first = position - (slots - columns) // of what follows the prefixes
    for (const [i, before] of prefixPositions(prefixLengths).entries()) keys[i] = first + before
    for (let t = 0; t < T; t++) {
      const at = (b * T + t) * total
      if (strengths) bias.set(strengths.subarray(0, total), at)
      if (causal) bias.fill(MASKED, at + slots + t + 1, at + total)
      if (window === null) continue
      for (let slot = 0; slot < total; slot++) if (position + t - keys[slot] >= window) bias[at + slot] = MASKED
    }
  })
  return bias
}
