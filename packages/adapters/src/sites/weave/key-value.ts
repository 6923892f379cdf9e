import type { GraphBuilder, Value } from '@weft/graph'
import { halves, type InjectedGroup, repeat, size, stack } from './groups.ts'

/** Prefixes `[L,2,K,P,D]` before each layer's keys and values, a group's own side by side. */
export function prefixesOf(g: GraphBuilder, groups: readonly InjectedGroup[]) {
  const prefixes = groups.map(({ injections }) => injections.flatMap((injection) => injection.prefix ?? []))
  const lengths = prefixes.map((values) => values.map((value) => size(value, 3)))
  const columns = lengths.map((all) => all.reduce((sum, length) => sum + length, 0))
  const stacked = columns.some(Boolean)
    ? stack(
        g,
        prefixes.map((values) => (values.length ? g.concat(values, 3) : undefined)),
        0,
        'before',
      ) // [G,L,2,K,P,D]
    : null
  return {
    columns,
    lengths,
    longest: lengths.map((all) => Math.max(0, ...all)),
    /** `[B,K,S,D]` → `[B,K,P+S,D]`. */
    inject(g: GraphBuilder, layer: number, k: Value, v: Value): { k: Value; v: Value } {
      if (!stacked) return { k, v }
      const [keys, values] = halves(g, stacked, layer)
      const before = (half: Value, own: Value): Value =>
        g.concat(
          [
            repeat(
              g,
              half,
              groups.map((group) => group.rows),
            ),
            own,
          ],
          2,
        )
      return { k: before(keys, k), v: before(values, v) }
    },
  }
}
