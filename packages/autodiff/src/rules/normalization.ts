import type { GraphBuilder, Value } from '@weft/graph'
import type { Rules } from '../rule.ts'

/** r = 1/√(mean(x²) + ε), `[…,1]`. */
const inverseRms = (g: GraphBuilder, x: Value, epsilon: number) => g.reciprocal(g.sqrt(g.add(g.reduceMean(g.mul(x, x), { axes: [-1] }), epsilon)))

export const normalization = {
  // y = x·r·w. With u = ct·w: dx = r·(u − x·r²·mean(u·x)), dw = Σ ct·x·r. Only r and the mean are kept per row.
  RmsNormalization: ({ g, ct, inputs: [x, w], attributes: { epsilon } }) => [
    () => {
      const r = inverseRms(g, x, epsilon)
      const u = g.mul(ct, w)
      const mean = g.reduceMean(g.mul(u, x), { axes: [-1] })
      return g.sub(g.mul(u, r), g.mul(x, g.mul(mean, g.mul(r, g.mul(r, r)))))
    },
    () => g.mul(ct, g.mul(x, inverseRms(g, x, epsilon))),
  ],
  // y = x̂·w + b, x̂ = (x − μ)·r. With u = ct·w: dx = r·(u − mean(u) − x̂·mean(u·x̂)), dw = Σ ct·x̂, db = Σ ct. Written as
  // r·(u − (x·a + c)), a and c one number a row: x̂ is never formed, and x is all that is kept.
  LayerNormalization: ({ g, ct, inputs: [x, w], outputs: [, mean, r] }) => [
    () => {
      const u = g.mul(ct, w)
      const shift = g.reduceMean(u, { axes: [-1] })
      const a = g.mul(g.mul(r, r), g.sub(g.reduceMean(g.mul(u, x), { axes: [-1] }), g.mul(mean, shift)))
      return g.mul(g.sub(u, g.add(g.mul(x, a), g.sub(shift, g.mul(mean, a)))), r)
    },
    () => g.mul(ct, g.mul(g.sub(x, mean), r)),
    () => ct,
  ],
} satisfies Partial<Rules>
