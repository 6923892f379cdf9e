import { type GraphBuilder, narrowIndices, numbers, type Value } from '@weft/graph'
import type { Rules } from '../rule.ts'
import { zeros } from '../zeros.ts'
import { placed } from './movement.ts'

/** Sum of `ct`'s slices at their indices of axis 0 of something shaped like `shape`. */
const scatterRows = (g: GraphBuilder, ct: Value, indices: Value, shape: Value['shape']) =>
  g.scatterND(zeros(g, ct.dtype, shape), g.cast(g.reshape(narrowIndices(g, indices, shape[0]), [...indices.shape, 1]), 'int64'), ct, { reduction: 'add' })

export const indexing = {
  Gather: ({ g, ct, inputs: [x, indices], attributes: { axis } }) => [
    () => {
      if (indices.constant && indices.shape.length === 0) return placed(g, ct, x, axis, numbers(indices.constant)[0])
      if (axis === 0) return scatterRows(g, ct, indices, x.shape)
      // The gathered axes to the front, scattered there, and back.
      const picked = indices.shape.map((_, i) => axis + i)
      const rest = ct.shape.map((_, i) => i).filter((i) => !picked.includes(i))
      const others = x.shape.map((_, i) => i).filter((i) => i !== axis)
      const summed = scatterRows(
        g,
        g.transpose(ct, [...picked, ...rest]),
        indices,
        [axis, ...others].map((i) => x.shape[i]),
      )
      return g.transpose(
        summed,
        x.shape.map((_, i) => [axis, ...others].indexOf(i)),
      )
    },
  ],
  GatherElements: ({ g, ct, inputs: [x, indices], attributes: { axis } }) => [
    () => g.scatterElements(zeros(g, ct.dtype, x.shape), indices, ct, { axis, reduction: 'add' }),
  ],
  ScatterElements: ({ g, ct, inputs: [, indices, updates], attributes: { axis, reduction } }) => [
    () => (reduction === 'add' ? ct : g.scatterElements(ct, indices, zeros(g, ct.dtype, updates.shape), { axis })),
    undefined,
    () => g.gatherElements(ct, indices, axis),
  ],
  GatherND: ({ g, ct, inputs: [x, indices] }) => [() => g.scatterND(zeros(g, ct.dtype, x.shape), indices, ct, { reduction: 'add' })],
  ScatterND: ({ g, ct, inputs: [, indices, updates], attributes: { reduction } }) => [
    () => (reduction === 'add' ? ct : g.scatterND(ct, indices, zeros(g, ct.dtype, updates.shape))),
    undefined,
    () => g.gatherND(ct, indices),
  ],
} satisfies Partial<Rules>
