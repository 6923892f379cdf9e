import type { GraphBuilder, Value } from '@weft/graph'
import { siteNotTrainable } from '../errors.ts'

/**
 * A bank `[slots, …]`: one value a slot, what is shorter than the longest filled up with `neutral`, before it or after; a slot without any is
 * all neutral.
 */
export function bankOf(g: GraphBuilder, values: readonly (Value | undefined)[], neutral: number, side: 'before' | 'after' = 'after'): Value {
  const shapes = values.flatMap((value) => (value ? [sizes(value)] : []))
  const shape = shapes[0].map((_, axis) => Math.max(...shapes.map((other) => other[axis])))
  return g.concat(
    values.map((value) => {
      if (!value) return g.expand(g.constant(neutral), [1, ...shape])
      const missing = sizes(value).map((size, axis) => shape[axis] - size)
      const none = missing.map(() => 0)
      const filled = g.pad(value, { pads: side === 'before' ? [...missing, ...none] : [...none, ...missing], value: neutral })
      return g.reshape(filled, [1, ...shape])
    }),
    0,
  )
}

/** A shape that a site's tensors fix; only batches and token counts may be symbols. */
export const sizes = (value: Value): number[] =>
  value.shape.map((dim) => {
    if (typeof dim !== 'number') throw siteNotTrainable(value.name, `its size ${dim} must be a number when the graph is built`)
    return dim
  })
