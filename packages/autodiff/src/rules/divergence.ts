import { type DivergenceChunk, divergenceChunks, type GraphBuilder, type Value } from '@weft/graph'
import type { Rules } from '../rule.ts'

/** One chunk's ct·weights·(p − teacher), `[m,V]`. The zero makes it wait for the chunk's loss, as the cross-entropy's does. */
const difference = (g: GraphBuilder, ct: Value, { p, teacher, weights, loss }: DivergenceChunk): Value =>
  g.mul(g.sub(p, teacher), g.add(g.mul(weights, ct), g.mul(loss, 0)))

export const divergence = {
  // loss = Σ weights·KL(t ‖ p), p = softmax(x·wᵀ), d = ct·weights·(p − t): dx = d·w, dw = dᵀ·x, dweights = KL.
  LinearKullbackLeibler: ({ g, ct, inputs, attributes }) => {
    const [, w, , , weights] = inputs
    const chunks = () => divergenceChunks(g, inputs, attributes)
    return [
      () =>
        g.concat(
          chunks().map((chunk) => g.gemm(difference(g, ct, chunk), w)),
          0,
        ),
      () => chunks().reduce<Value | undefined>((c, chunk) => g.gemm(difference(g, ct, chunk), chunk.x, { transA: true, c }), undefined)!,
      undefined,
      undefined,
      () =>
        g.mul(
          g.reshape(
            g.concat(
              chunks().map(({ loss }) => loss),
              0,
            ),
            weights.shape,
          ),
          ct,
        ),
    ]
  },
} satisfies Partial<Rules>
