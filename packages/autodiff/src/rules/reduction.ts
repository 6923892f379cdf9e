import { type GraphBuilder, sizeOf, type Value } from '@weft/graph'
import type { Rules } from '../rule.ts'

/** A reduced value with its reduced axes back, as size 1. */
const kept = (g: GraphBuilder, y: Value, x: Value, axes: readonly number[]) =>
  g.reshape(
    y,
    x.shape.map((d, i) => (axes.includes(i) ? 1 : d)),
  )

export const reduction = {
  ReduceSum: ({ g, ct, inputs: [x], attributes: { axes } }) => [() => g.expand(kept(g, ct, x, axes), x.shape)],
  ReduceMean: ({ g, ct, inputs: [x], attributes: { axes } }) => [
    () => {
      const sizes = axes.map((a) => x.shape[a])
      // A symbolic count is counted when it runs.
      const count = sizeOf(sizes)
      const share =
        typeof count === 'number'
          ? g.mul(kept(g, ct, x, axes), 1 / count)
          : g.div(kept(g, ct, x, axes), g.reduceSum(g.expand(g.constant(1, [], x.dtype), x.shape), { axes }))
      return g.expand(share, x.shape)
    },
  ],
  ReduceSumSquare: ({ g, ct, inputs: [x], attributes: { axes } }) => [() => g.mul(g.mul(kept(g, ct, x, axes), 2), x)],
  // Shared evenly between equal maxima.
  ReduceMax: ({ g, ct, inputs: [x], outputs: [y], attributes: { axes } }) => [
    () => {
      const isMax = g.where(g.equal(x, kept(g, y, x, axes)), g.constant(1, [], x.dtype), 0)
      return g.mul(isMax, g.div(kept(g, ct, x, axes), g.reduceSum(isMax, { axes })))
    },
  ],
  ArgMax: 'zero',
  // dx = y ⊙ (ct − Σ ct ⊙ y)
  Softmax: ({ g, ct, outputs: [y], attributes: { axis } }) => [() => g.mul(y, g.sub(ct, g.reduceSum(g.mul(ct, y), { axes: [axis] })))],
} satisfies Partial<Rules>
