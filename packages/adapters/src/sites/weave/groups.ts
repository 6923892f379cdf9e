import type { Dim, GraphBuilder, Value } from '@weft/graph'
import { siteNotTrainable } from '../../errors.ts'
import type { SiteInjection } from '../weave.ts'

/** Consecutive rows of a batch, and what acts on them. */
export interface InjectedGroup {
  /** A number where there are several groups. */
  rows: Dim
  /** Of all its adapters, in the order given. */
  injections: readonly SiteInjection[]
}

/**
 * One value a group, put one after another: `[G, ...shape]`. What is shorter than the longest is filled up, `before` or `after`;
 * a group without any is all `fill`.
 */
export function stack(g: GraphBuilder, values: readonly (Value | undefined)[], fill: number, side: 'before' | 'after' = 'after'): Value {
  const shapes = values.flatMap((value) => (value ? [value.shape.map((_, axis) => size(value, axis))] : []))
  const shape = shapes[0].map((_, axis) => Math.max(...shapes.map((other) => other[axis])))
  return g.concat(
    values.map((value) => {
      if (!value) return g.expand(g.constant(fill), [1, ...shape])
      const missing = shape.map((length, axis) => length - size(value, axis))
      const none = missing.map(() => 0)
      const filled = g.pad(value, { pads: side === 'before' ? [...missing, ...none] : [...none, ...missing], value: fill })
      return g.reshape(filled, [1, ...shape])
    }),
    0,
  )
}

/** `[G, …]` with each group's entry repeated: `[Σ counts, …]`. */
export function repeat(g: GraphBuilder, values: Value, counts: readonly Dim[]): Value {
  const [G, ...rest] = values.shape
  const [count] = counts
  if (G === 1) return g.expand(values, [count, ...rest])
  if (counts.every((other) => other === count)) {
    return g.reshape(g.expand(g.reshape(values, [G, 1, ...rest]), [G, count, ...rest]), [Number(G) * Number(count), ...rest])
  }
  return g.concat(
    g
      .split(
        values,
        counts.map(() => 1),
        0,
      )
      .map((value, i) => g.expand(value, [counts[i], ...rest])),
    0,
  )
}

/** One layer of `[G,L,…]`: `[G,1,…]`. */
export const ofLayer = (g: GraphBuilder, values: Value, layer: number): Value => g.split(values, Array<number>(size(values, 1)).fill(1), 1)[layer]

/** One layer's keys and values of prefixes `[G,L,2,K,P,D]`: `[G,K,P,D]` each. */
export function halves(g: GraphBuilder, prefixes: Value, layer: number): Value[] {
  const [G, , , ...rest] = prefixes.shape
  return g.split(ofLayer(g, prefixes, layer), [1, 1], 2).map((half) => g.reshape(half, [G, ...rest]))
}

/** The size of an axis that a site's tensors fix; only batches and token counts may be symbols. */
export function size(value: Value, axis: number): number {
  const dim = value.shape[axis]
  if (typeof dim !== 'number') throw siteNotTrainable(value.name, `its size ${dim} must be a number when the graph is built`)
  return dim
}
