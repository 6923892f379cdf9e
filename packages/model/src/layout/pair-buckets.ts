import type { Placement } from '@weft/adapters'
import { prefixPositions } from './prefix-positions.ts'
import { type RelativePositions, relativeBuckets } from './relative-positions.ts'

/**
 * The buckets `[B,S,prefix+S]` of all pairs of columns, by `positions [B,S]` of rows and tokens. Each of several prefixes ends right before the first row or
 * token, so composing it with others changes nothing in how far off it is. Columns that nobody sees have some bucket.
 */
export function pairBuckets(positions: Int32Array, prefix: number, placed: readonly Placement[], relative: RelativePositions): BigInt64Array<ArrayBuffer> {
  const S = positions.length / placed.length
  const total = prefix + S
  const buckets = new BigInt64Array(placed.length * S * total)
  for (const [b, own] of placed.entries()) {
    const queries = positions.subarray(b * S, (b + 1) * S)
    const keys = new Int32Array(total)
    const before = prefixPositions(own.prefixLengths)
    for (const [i, position] of before.entries()) keys[prefix - own.prefix + i] = own.longestPrefix + position
    keys.set(queries, prefix)
    relativeBuckets(queries, keys, relative, buckets, b * S * total)
  }
  return buckets
}
