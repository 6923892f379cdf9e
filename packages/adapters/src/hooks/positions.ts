import type { Dim, GraphBuilder, Value } from '@weft/graph'
import { siteNotTrainable } from '../errors.ts'
import { bankOf, sizes } from './padding.ts'
import { repeated } from './slots.ts'

/** What stands before the tokens of some consecutive rows of a batch, in order. */
export interface Group {
  rows: Dim
  values: readonly Value[]
}

/** The values of each group side by side, padded before to the most that a group has: what is a row's own stands next to its tokens. */
export function laid(g: GraphBuilder, groups: readonly Group[], axis: number): Value | null {
  if (groups.every(({ values }) => values.length === 0)) return null
  return bankOf(
    g,
    groups.map(({ values }) => (values.length ? g.concat(values, axis) : undefined)),
    0,
    'before',
  )
}

export const counts = (groups: readonly Pick<Group, 'rows'>[]): Dim[] => groups.map(({ rows }) => rows)

/** Rows `[P,H]` before token embeddings `[B,T,H]`. A block `[B,P,H]` has rows of its own for each row of the batch, where all are one group. */
export function rowsBefore(g: GraphBuilder, groups: readonly Group[]): (tokens: Value) => Value {
  return (tokens) => {
    const batched = groups.some(({ values }) => values.some(isBatched))
    const blocks = batched ? ofEachRow(g, groups) : laid(g, groups, 0) // [slots,P,H]
    if (!blocks) return tokens
    return g.concat([batched ? blocks : repeated(g, blocks, counts(groups)), tokens], 1)
  }
}

const isBatched = (block: Value): boolean => block.shape.length === 3

/** `[B,P,H]` */
function ofEachRow(g: GraphBuilder, [{ values, rows }, ...others]: readonly Group[]): Value {
  if (others.length) throw siteNotTrainable('inputsEmbeds', 'rows of their own for each row of a batch do not stand in one with several groups')
  return g.concat(
    values.map((block) => (isBatched(block) ? block : g.expand(block, [rows, ...block.shape]))),
    1,
  )
}

/** Prefixes `[L,2,K,P,D]` before a layer's keys and values `[B,K,S,D]`. */
export function keyValuesBefore(g: GraphBuilder, groups: readonly Group[]): (layer: number, k: Value, v: Value) => { k: Value; v: Value } {
  const prefixes = laid(g, groups, 3) // [slots,L,2,K,P,D]
  return (layer, k, v) => {
    if (!prefixes) return { k, v }
    const [slots, L, , ...rest] = sizes(prefixes)
    const one = g.split(prefixes, Array<number>(L).fill(1), 1)[layer]
    const [keys, values] = g.split(one, [1, 1], 2).map((half) => repeated(g, g.reshape(half, [slots, ...rest]), counts(groups)))
    return { k: g.concat([keys, k], 2), v: g.concat([values, v], 2) }
  }
}
