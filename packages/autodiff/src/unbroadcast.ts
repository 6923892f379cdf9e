import type { GraphBuilder, Shape, Value } from '@weft/graph'

/** Sums a gradient over the axes along which its value was broadcast, down to that value's shape. */
export function unbroadcast(g: GraphBuilder, ct: Value, shape: Shape): Value {
  const lead = ct.shape.length - shape.length
  const axes = ct.shape.flatMap((d, i) => (i < lead || (shape[i - lead] === 1 && d !== 1) ? [i] : []))
  const summed = axes.length ? g.reduceSum(ct, { axes }) : ct
  return lead > 0 ? g.reshape(summed, shape) : summed
}
