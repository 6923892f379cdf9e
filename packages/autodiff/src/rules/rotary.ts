import type { GraphBuilder, Value } from '@weft/graph'
import type { Rules } from '../rule.ts'

const halves = (g: GraphBuilder, x: Value) => {
  const half = Number(x.shape[3]) / 2
  return g.split(x, [half, half], 3)
}

/** Σ over heads, `[B,N,T,D/2] → [B,T,D/2]`. */
const overHeads = (g: GraphBuilder, x: Value) => g.reduceSum(x, { axes: [1], keepdims: false })

export const rotary = {
  // A rotation's transpose is the rotation back. dcos = Σ ct1·x1 + ct2·x2, dsin = Σ ct2·x1 − ct1·x2, over heads.
  RotaryEmbedding: ({ g, ct, inputs: [x, cos, sin] }) => {
    const pairs = () => [...halves(g, ct), ...halves(g, x)]
    return [
      () => g.rotaryEmbedding(ct, cos, g.neg(sin)),
      () => {
        const [ct1, ct2, x1, x2] = pairs()
        return overHeads(g, g.add(g.mul(ct1, x1), g.mul(ct2, x2)))
      },
      () => {
        const [ct1, ct2, x1, x2] = pairs()
        return overHeads(g, g.sub(g.mul(ct2, x1), g.mul(ct1, x2)))
      },
    ]
  },
} satisfies Partial<Rules>
