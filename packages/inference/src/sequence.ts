import type { Tensor } from '@weft/ort'
import type { AdapterTensors } from './compositions/adapter-tensors.ts'
import type { PrefixOwner } from './prefix-cache/prefix-owner.ts'

/** Keys and values of consecutive slots `[L, 2, K, n, D]`, as the cache holds them. */
export type KeyValues = Tensor<'float32' | 'float16'>['data']

/** From which token or slot on each invocation of a composition acts, by the input that it opens; null where the tokens do not hold it. */
export type OpenedAt = Readonly<Record<string, readonly (number | null)[]>>

/** Where one row of the key/value cache stands. */
export interface Sequence {
  /** Cache slots in use: composed rows, text and prefixes, then the prompt and what was generated. */
  slots: number
  /** Position of the next token. Smaller than `slots` where several prefixes overlay one another. */
  position: number
  /** Slots of each prefix; they come first. */
  prefixLengths: readonly number[]
  /**
   * Log strengths of the first slots, added to every attention logit toward them; null when all are 0, unless prefixes overlay one another in a
   * model with windows, where slots do not tell how far they are from a token.
   */
  bias: Float32Array | null
  /** What its composition does inside layers. */
  layers: AdapterTensors | null
  /** From which slot on what waits for an invocation acts. */
  opened: OpenedAt
}

/** A composition as the cache holds it: computed once, copied to the start of a row by every request that names it. */
export interface FixedPrefix {
  /** `[L, 2, K, n, D]`, keys after rotation: as the cache holds them, or as they were composed. */
  keyValue: KeyValues
  /** n */
  slots: number
  /** Position of the first token after it. */
  position: number
  /** Slots of each prefix; they come first. */
  prefixLengths: readonly number[]
  /** `[n]`, or null, as in `Sequence`. */
  bias: Float32Array | null
  /** Logits after its last row `[V]`; null where it has no rows, so that nothing predicts the first token. */
  logits: Float32Array | null
  /** What it does inside layers, at every step; kept with the composition, not with what was computed of it. */
  layers: AdapterTensors | null
}

/** What a row of the batch stands behind. */
export interface RowPrefix {
  fixed: FixedPrefix | null
  /** Absent where nothing of its prompt may be shared. */
  owner?: PrefixOwner
}

/** A composition that takes no positions. */
export const EMPTY: FixedPrefix = { keyValue: new Float32Array(), slots: 0, position: 0, prefixLengths: [], bias: null, logits: null, layers: null }

export const emptySequence = (): Sequence => ({ slots: 0, position: 0, prefixLengths: [], bias: null, layers: null, opened: {} })
