import { type PooledAt, poolerOf } from '@weft/adapters'
import type { HeadValues } from '@weft/adapters/hooks'
import type { GraphBuilder, Value } from '@weft/graph'
import type { ModelShape } from '../architectures/architecture.ts'
import { activate } from '../architectures/blocks/activation.ts'

/** What the classifier multiplies: of the pooled `rows [M,H]`, through the base's pooler and the head's own dense layer where they are. */
export const headFeatures = (
  g: GraphBuilder,
  rows: Value,
  at: PooledAt | null,
  { model: { spec }, dense, pooler }: { model: ModelShape; dense: HeadValues['dense']; pooler(rows: Value, module: string): Value },
): Value => {
  const through = at && poolerOf(spec, at)
  const pooled = through ? g.tanh(pooler(rows, through)) : rows
  if (!dense) return pooled
  const inner = g.gemm(pooled, dense.weight, { transB: true, c: dense.bias })
  return activate(g, spec.classifier.denseActivation ?? 'tanh', inner)
}

/** `[B, H]`: the mean over each sequence's tokens; `weights [B,1,S]`. */
export const meanRows = (g: GraphBuilder, hidden: Value, weights: Value, H: number): Value => {
  const [B, , S] = weights.shape
  return g.reshape(g.matMul(weights, g.reshape(hidden, [B, S, H])), [B, H])
}
