import type { GraphBuilder, Value } from '@weft/graph'
import { sizes } from './padding.ts'
import { counts, type Group, laid } from './positions.ts'
import { repeated } from './slots.ts'

/** A prefix `[L,2,K,P,D]`, absent where a cache holds it, and what is added to the logits toward its keys. */
export interface BiasedPrefix {
  prefix: Value | undefined
  keyBias: Value | undefined
}

/**
 * What is added to the logits toward a layer's prefixes, `[B or 1,K,P]`: zeros for those that have no such biases, nothing where none has any.
 * A group's stand next to its tokens, as its prefixes do. Where a cache holds the prefixes, its biases are one block, of each row's own or of all rows.
 */
export function keyBiasesBefore(
  g: GraphBuilder,
  groups: readonly (Pick<Group, 'rows'> & { prefixes: readonly BiasedPrefix[] })[],
): (layer: number) => Value | null {
  const all = groups.flatMap(({ prefixes }) => prefixes)
  const [cached] = all.filter(({ prefix, keyBias }) => !prefix && keyBias)
  if (all.every(({ keyBias }) => !keyBias)) return () => null
  const zeros = (prefix: Value): Value => {
    const [L, , K, P] = sizes(prefix)
    return g.expand(g.constant(0), [L, K, P])
  }
  const inGraph = (): Value =>
    laid(
      g,
      groups.map(({ rows, prefixes }) => ({ rows, values: prefixes.map(({ prefix, keyBias }) => keyBias ?? zeros(prefix!)) })),
      2,
    )!
  const own = cached?.keyBias
  const biases = own ? (own.shape.length === 4 ? own : g.reshape(own, [1, ...own.shape])) : inGraph() // [slots,L,K,P]
  const [slots, L, ...rest] = biases.shape
  const layers = g.split(biases, Array<number>(Number(L)).fill(1), 1)
  return (layer) => {
    const one = g.reshape(layers[layer], [slots, ...rest])
    return own || slots === 1 ? one : repeated(g, one, counts(groups))
  }
}
