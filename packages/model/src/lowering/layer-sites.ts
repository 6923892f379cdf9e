import type { ModelSpec } from '@weft/adapters'
import { type Dim, type GraphBuilder, mulDims, type Shape, type Value } from '@weft/graph'

/**
 * What sites do inside layers, as inputs of an inference graph, by name:
 *
 * | input | shape |
 * |---|---|
 * | `linear.<module>.a`, `.b`, `.bias` | `[R,in]`, `[out,R]`, `[out]`; each module has a rank of its own |
 * | `scale.<module>.in`, `.out` | `[in]`, `[out]` |
 * | `gated.<layer>.key`, `.value` | `[K,G,P,D]`: G branches, each as wide as the widest |
 * | `gated.<layer>.gate` | `[N,G]` |
 * | `gated_mask` | `[G,P]`: 0 where a branch has a column, far below where not; needed where widths differ |
 */
export interface LayerInputs {
  /** Those there are. What is not named costs nothing. */
  names: readonly string[]
  /** A value for each row of the batch, `[B, …]`; otherwise all rows share one. */
  perRow: boolean
}

/** The sizes that a model gives to an input of `LayerInputs`; others are symbols. */
export function layerInputShape(name: string, spec: Pick<ModelSpec, 'modules' | 'numHeads' | 'numKeyValueHeads' | 'headDim'>): Shape {
  const { numHeads: N, numKeyValueHeads: K, headDim: D } = spec
  if (name === 'gated_mask') return ['G', 'P']
  if (name.startsWith('gated.')) return name.endsWith('.gate') ? [N, 'G'] : [K, 'G', 'P', D]
  const module = name.slice(name.indexOf('.') + 1, name.lastIndexOf('.'))
  const [out, input] = spec.modules[module]
  const rank = `R.${module}`
  const shapes: Record<string, Shape> = { a: [rank, input], b: [out, rank], bias: [out], in: [input], out: [out] }
  return shapes[name.slice(name.lastIndexOf('.') + 1)]
}

export interface LayerSites {
  /** A linear layer over `x [B*T, in]` with what sites do to it: `out ⊙ apply(in ⊙ x) + B·A·x + bias`, as `Weave.linear`. */
  linear(module: string, x: Value, apply: (x: Value) => Value): Value
  /** Whether branches act in a layer. */
  hasGated(layer: number): boolean
  /** What gated branches add to a layer's attention: `q [B,N,T,D]`, rotated and scaled → `[B,N,T,D]`. */
  gated(layer: number, q: Value): Value
}

/** Lowers `LayerInputs` over a batch `[B,T]` whose rows are kept flat, `[B*T, …]`. */
export function layerSites(g: GraphBuilder, spec: ModelSpec, { names, perRow }: LayerInputs): LayerSites {
  const given = new Set(names)
  const find = (name: string): Value | null => (given.has(name) ? g.input(name, 'float32', [...(perRow ? ['B'] : []), ...layerInputShape(name, spec)]) : null)

  /** An operation on rows and one tensor: on all rows at once where they share it, row by row of the batch where not. */
  const over = (x: Value, by: Value, op: (x: Value, by: Value) => Value): Value => {
    if (!perRow) return op(x, by)
    const y = op(g.reshape(x, ['B', 'T', x.shape[1]]), by)
    return g.reshape(y, ['B*T', y.shape[2]])
  }
  /** A vector for every row of the batch stands at each of its tokens. */
  const vector = (value: Value): Value => (perRow ? g.reshape(value, ['B', 1, value.shape[1]]) : value)
  const times = (x: Value, factor: Value | null): Value => (factor ? over(x, vector(factor), (rows, by) => g.mul(rows, by)) : x)

  return {
    linear(module, x, apply) {
      const scaled = g.scope(module, () => times(x, find(`scale.${module}.in`)))
      const frozen = apply(scaled)
      return g.scope(module, () => {
        const y = times(frozen, find(`scale.${module}.out`))
        const bias = find(`linear.${module}.bias`)
        const biased = bias ? over(y, vector(bias), (rows, by) => g.add(rows, by)) : y
        const [a, b] = [find(`linear.${module}.a`), find(`linear.${module}.b`)]
        if (!a || !b) return biased
        if (!perRow) return g.gemm(g.gemm(x, a, { transB: true }), b, { transB: true, c: biased })
        return g.add(
          biased,
          over(x, a, (rows, low) => g.matMul(g.matMul(rows, g.transpose(low, [0, 2, 1])), g.transpose(b, [0, 2, 1]))),
        )
      })
    },
    hasGated: (layer) => given.has(`gated.${layer}.key`),
    gated(layer, q) {
      const part = (name: string): Value => find(`gated.${layer}.${name}`)!
      return branches(g, q, { key: part('key'), value: part('value'), gate: part('gate'), mask: find('gated_mask') }, perRow)
    },
  }
}

/** Σ over branches of gate · softmax(q·kᵀ)·v. The scores of all branches are one product: `[B,N,T,G·P]`, a softmax over each P. */
function branches(
  g: GraphBuilder,
  q: Value,
  { key, value, gate, mask }: { key: Value; value: Value; gate: Value; mask: Value | null },
  perRow: boolean,
): Value {
  const [B, N, T, D] = q.shape as [Dim, number, Dim, number]
  const [K, G, P] = key.shape.slice(-4) as [number, Dim, Dim]
  const batch: Dim = perRow ? 'B' : 1
  const all = mulDims(G, P)
  const group = mulDims(N / K, T) // queries that share a key head are more rows
  const columns = (half: Value): Value => g.reshape(half, [batch, K, all, D])
  const scores = g.matMul(g.reshape(q, [B, K, group, D]), g.transpose(columns(key), [0, 1, 3, 2]))
  const split = g.reshape(scores, [B, N, T, G, P])
  const masked = mask ? g.add(split, g.reshape(mask, [batch, 1, 1, G, P])) : split
  const shares = g.mul(g.softmax(masked, { axis: -1 }), g.reshape(gate, [batch, N, 1, G, 1]))
  return g.reshape(g.matMul(g.reshape(shares, [B, K, group, all]), columns(value)), [B, N, T, D])
}
