import type { GraphBuilder, Value } from '@weft/graph'
import { repeat, size, stack, type InjectedGroup } from './groups.ts'

/** Rows before the tokens, `[P,H]` a group: one block after another, those of a shorter group at the end, next to its tokens. */
export function rowsOf(groups: readonly InjectedGroup[]) {
  const rows = groups.map(({ injections }) => injections.flatMap((injection) => injection.rows ?? []))
  const lengths = rows.map((blocks) => blocks.reduce((sum, block) => sum + size(block, 0), 0))
  return {
    lengths,
    /** Token embeddings `[B,T,H]` → `[B,S,H]`. */
    inject(g: GraphBuilder, tokens: Value): Value {
      if (!lengths.some(Boolean)) return tokens
      const blocks = stack(g, rows.map((values) => (values.length ? g.concat(values, 0) : undefined)), 0, 'before')   // [G,P,H]
      return g.concat([repeat(g, blocks, groups.map((group) => group.rows)), tokens], 1)
    },
  }
}
