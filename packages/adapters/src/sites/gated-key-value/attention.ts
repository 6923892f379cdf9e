import { type Dim, type GraphBuilder, mulDims, type Value } from '@weft/graph'

/** One layer's gated columns. `B` is 1 where all rows share them. */
export interface GatedColumns {
  /** `[B,K,P,D]` */
  keys: Value
  values: Value
  /** `[B,N,G]` */
  gate: Value
  /** `[B,G,P]`, 0 where a branch holds a column and far below where not; absent for a single branch. */
  mask?: Value
}

/**
 * Σ over branches of gate · softmax(q·kᵀ)·v: what is added to a layer's attention, `[B,N,S,D]`.
 * @param q `[B,N,S,D]`, rotated and scaled, as it meets the layer's own keys
 */
export function gatedAttention(g: GraphBuilder, q: Value, { keys, values, gate, mask }: GatedColumns): Value {
  const [B, N, S, D] = q.shape as [Dim, number, Dim, number]
  const [, K, P] = keys.shape as [Dim, number, Dim]
  const group = N / K
  const branches = gate.shape[2]
  const grouped = group === 1 ? q : g.reshape(q, [B, K, mulDims(group, S), D]) // queries that share a key head are more rows
  const scores = g.reshape(g.matMul(grouped, g.transpose(keys, [0, 1, 3, 2])), [B, N, S, P])
  if (!mask) {
    const shares = g.mul(g.softmax(scores, { axis: -1 }), g.reshape(gate, [gate.shape[0], N, 1, 1]))
    return g.reshape(g.matMul(g.reshape(shares, [B, K, mulDims(group, S), P]), values), [B, N, S, D])
  }
  const masked = g.add(g.reshape(scores, [B, N, S, 1, P]), g.reshape(mask, [mask.shape[0], 1, 1, branches, P]))
  const shares = g.mul(g.softmax(masked, { axis: -1 }), g.reshape(gate, [gate.shape[0], N, 1, branches, 1]))
  const summed = g.reduceSum(shares, { axes: [3], keepdims: false }) // [B,N,S,P]: branches share no column
  return g.reshape(g.matMul(g.reshape(summed, [B, K, mulDims(group, S), P]), values), [B, N, S, D])
}

/** Far below every logit; exp of it is exactly 0. */
const ABSENT = -1e30

/** `[G,P]` from `lengths [G]`: 0 where branch g holds column p. Branches stand one after another. */
export function branchMask(g: GraphBuilder, lengths: Value, numBranches: number, numColumns: number): Value {
  const before = Float32Array.from({ length: numBranches ** 2 }, (_, i) => (i % numBranches < Math.floor(i / numBranches) ? 1 : 0))
  const start = g.matMul(g.constant(before, [numBranches, numBranches]), g.reshape(lengths, [numBranches, 1])) // [G,1]
  const end = g.add(start, g.reshape(lengths, [numBranches, 1]))
  const column = g.constant(
    Float32Array.from({ length: numColumns }, (_, p) => p + 0.5),
    [1, numColumns],
  )
  const inside = g.and(g.less(start, column), g.less(column, end))
  return g.where(inside, g.constant(0), g.constant(ABSENT))
}
