import { type GraphBuilder, sizeOf, type Value } from '@weft/graph'
import type { Rules } from '../rule.ts'

/** A reduced value with its reduced axes back, as size 1. */
const kept = (g: GraphBuilder, y: Value, x: Value, axes: readonly number[]) =>
  g.reshape(
    y,
    x.shape.map((d, i) => (axes.includes(i) ? 1 : d)),
  )

/**
 * Σ ct ⊙ y of attention, where ct = a·vᵀ and y·v is known from the way forward: each row's sum is Σ a ⊙ (y·v), over a head's numbers instead of
 * over all columns (Dao et al. 2022, https://arxiv.org/abs/2205.14135). Undefined where ct is no such product, or has no more columns than a.
 */
const sumOfShares = (g: GraphBuilder, ct: Value, y: Value, axis: number): Value | undefined => {
  const product = ct.node?.op === 'Reshape' ? ct.node.inputs[0]! : ct
  const [a, transposed] = product.node?.op === 'MatMul' ? product.node.inputs : []
  const v = transposed?.node?.op === 'Transpose' ? transposed.node.inputs[0]! : undefined
  if (axis !== -1 && axis !== y.shape.length - 1) return undefined
  if (!a || !v || !isSwapped(transposed!, v) || !(Number(a.shape.at(-1)) < Number(y.shape.at(-1)))) return undefined
  const attended = g.matMul(g.reshape(y, product.shape), v)
  return g.reshape(g.reduceSum(g.mul(a, attended), { axes: [-1] }), [...y.shape.slice(0, -1), 1])
}

const isSwapped = (transposed: Value, of: Value): boolean => {
  const rank = of.shape.length
  const perm = transposed.node!.attributes.perm as readonly number[]
  return rank > 2 && perm.every((from, to) => from === (to === rank - 1 ? rank - 2 : to === rank - 2 ? rank - 1 : to))
}

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
  Softmax: ({ g, ct, outputs: [y], attributes: { axis } }) => [
    () => g.mul(y, g.sub(ct, sumOfShares(g, ct, y, axis) ?? g.reduceSum(g.mul(ct, y), { axes: [axis] }))),
  ],
} satisfies Partial<Rules>
