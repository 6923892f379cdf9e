import { type CrossEntropyChunk, crossEntropyChunks, type GraphBuilder, narrowIndices, type Value } from '@weft/graph'
import type { Rules } from '../rule.ts'

/** One chunk's weights times ct, `[m,1]`. */
function scaled(g: GraphBuilder, ct: Value, { weights, logSumExp }: CrossEntropyChunk): Value {
  // The zero makes a chunk's gradient wait for its share of the loss: whatever order a runtime walks the graph in, it is
  // done with a chunk's logits before it comes to the next one's.
  return g.add(g.mul(weights, ct), g.mul(logSumExp, 0))
}

export const loss = {
  // p = softmax(x·wᵀ + b), loss = Σ weights·(−log p[target]), s = ct·weights:
  // dx = s ⊙ (p·w − w[target]), dw = pᵀ·(s ⊙ x) − scatter(s ⊙ x), db = pᵀ·s − scatter(s).
  LinearCrossEntropy: ({ g, ct, inputs, attributes }) => {
    const [, w, targets, , bias] = inputs
    const chunks = () => crossEntropyChunks(g, inputs, attributes)
    const index = () => g.cast(g.reshape(narrowIndices(g, targets, w.shape[0]), [...targets.shape, 1]), 'int64')
    return [
      () =>
        g.concat(
          chunks().map((c) => g.mul(scaled(g, ct, c), g.sub(g.gemm(c.p, w), c.targetRows))),
          0,
        ),
      () => {
        const parts = chunks().map((c) => ({ p: c.p, x: g.mul(scaled(g, ct, c), c.x) }))
        const sum = parts.reduce<Value | undefined>((c, { p, x }) => g.gemm(p, x, { transA: true, c }), undefined)!
        return g.scatterND(
          sum,
          index(),
          g.neg(
            g.concat(
              parts.map(({ x }) => x),
              0,
            ),
          ),
          { reduction: 'add' },
        )
      },
      undefined,
      () =>
        g.mul(
          g.reshape(
            g.concat(
              chunks().map((c) => c.loss),
              0,
            ),
            targets.shape,
          ),
          ct,
        ),
      () => {
        const parts = chunks().map((c) => ({ p: c.p, s: scaled(g, ct, c) }))
        const sum = parts.reduce<Value | undefined>((c, { p, s }) => g.gemm(p, s, { transA: true, c }), undefined)!
        const s = g.concat(
          parts.map(({ s }) => s),
          0,
        )
        return g.scatterND(g.reshape(sum, bias.shape), index(), g.neg(g.reshape(s, targets.shape)), { reduction: 'add' })
      },
    ]
  },
} satisfies Partial<Rules>
