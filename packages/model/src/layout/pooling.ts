import type { PooledAt } from '@weft/adapters'

/** Columns of a row's hidden states `[S]` that hold its tokens, no virtual ones and no padding; `start` is the first of its virtual ones, where it has some. */
export interface TokenSpan {
  start: number
  from: number
  to: number
}

/** Rows of hidden `[B*S, H]` that stand for each sequence, `[B]`. */
export const pooledIndex = (at: Exclude<PooledAt, 'mean'>, spans: readonly TokenSpan[], S: number): BigInt64Array =>
  BigInt64Array.from(spans, ({ start, from, to }, b) => BigInt(b * S + { start, first: from, last: to - 1 }[at]))

/** `[B, 1, S]`: a sequence's hidden states times its row are the mean over its tokens. */
export function meanWeights(spans: readonly TokenSpan[], S: number): Float32Array {
  const weights = new Float32Array(spans.length * S)
  for (const [b, { from, to }] of spans.entries()) weights.fill(1 / (to - from), b * S + from, b * S + to)
  return weights
}
