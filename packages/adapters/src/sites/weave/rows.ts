import type { Dim, GraphBuilder, Value } from '@weft/graph'
import { siteNotTrainable } from '../../errors.ts'
import { type InjectedGroup, repeat, size, stack } from './groups.ts'

/**
 * Rows before the tokens, `[P,H]` a group: one block after another, those of a shorter group at the end, next to its tokens. A block
 * `[B,P,H]` has rows of its own for each row of the batch, where all are one group.
 */
export function rowsOf(groups: readonly InjectedGroup[]) {
  const rows = groups.map(({ injections }) => injections.flatMap((injection) => injection.rows ?? []))
  const lengths = rows.map((blocks) => blocks.reduce((sum, block) => sum + size(block, block.shape.length - 2), 0))
  return {
    lengths,
    /** Token embeddings `[B,T,H]` → `[B,S,H]`. */
    inject(g: GraphBuilder, tokens: Value): Value {
      if (!lengths.some(Boolean)) return tokens
      if (rows.some((blocks) => blocks.some(isBatched))) return g.concat([batched(g, rows, groups[0].rows), tokens], 1)
      const blocks = stack(
        g,
        rows.map((values) => (values.length ? g.concat(values, 0) : undefined)),
        0,
        'before',
      ) // [G,P,H]
      return g.concat(
        [
          repeat(
            g,
            blocks,
            groups.map((group) => group.rows),
          ),
          tokens,
        ],
        1,
      )
    },
  }
}

const isBatched = (block: Value): boolean => block.shape.length === 3

/** `[B,P,H]` */
function batched(g: GraphBuilder, [blocks, ...others]: readonly Value[][], batch: Dim): Value {
  if (others.length) throw siteNotTrainable('inputsEmbeds', 'rows of their own for each row of a batch do not stand in one with several groups')
  return g.concat(
    blocks.map((block) => (isBatched(block) ? block : g.expand(block, [batch, ...block.shape]))),
    1,
  )
}
