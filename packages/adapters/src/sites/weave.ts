import type { Dim, GraphBuilder, Value } from '@weft/graph'
import { siteNotTrainable } from '../errors.ts'
import { siteOf } from './index.ts'
import { gatedBranches } from './weave/gated.ts'
import { prefixesOf } from './weave/key-value.ts'
import { linearLayers } from './weave/linear.ts'
import { rowsOf } from './weave/rows.ts'

/** Tensors of a graph, by site and name: `{ inputsEmbeds: { rows } }`. What a plugin's `encode` returns and a weave injects. */
export type SiteValues = Record<string, Record<string, Value>>

/** A classifier: `weight [C,H]`, `bias [C]`, and the dense layer with tanh before it, `[H,H]` and `[H]`. */
export interface HeadValues {
  weight: Value
  bias?: Value
  dense?: { weight: Value; bias: Value }
}

/** What the host lays out for some consecutive rows of a batch: masks, positions, labels. */
export interface WovenGroup {
  /** Rows of the batch. */
  rows: Dim
  /** Its virtual rows; they stand at the end of the batch's, next to the tokens. */
  numRows: number
  /** Its prefixes' columns; they stand at the end of the batch's. */
  prefixLength: number
  /** Columns of each of its prefixes, in their order. */
  prefixLengths: readonly number[]
  /** Positions that its longest single prefix takes: tokens start after its rows plus this. */
  longestPrefix: number
  head: HeadValues | null
}

/** How the tensors of some sites meet a model's training graph. Architectures call it; they never see a site. */
export interface Weave {
  /** Rows put before the token embeddings: the most that a group has. */
  numRows: number
  /** Columns put before every layer's keys and values: the most that a group has. */
  prefixLength: number
  /** Positions that the longest single prefix takes: tokens start after all rows plus this. */
  longestPrefix: number
  /** The task's classifier, when one is woven in for the whole batch. */
  head: HeadValues | null
  /** The batch's groups in order; one, where all rows are alike. */
  groups: readonly WovenGroup[]
  /** Token embeddings `[B,T,H]` with the rows in front, `[B,S,H]`. */
  rows(g: GraphBuilder, tokens: Value): Value
  /** Keys (after rotation) and values `[B,K,S,D]` with the prefix in front, `[B,K,prefix+S,D]`. */
  keyValue(g: GraphBuilder, layer: number, k: Value, v: Value): { k: Value; v: Value }
  /** What gated branches add to a layer's attention, `[B,N,S,D]`; null without any. `q [B,N,S,D]` is rotated and scaled. */
  gated(g: GraphBuilder, layer: number, q: Value): Value | null
  /**
   * A linear layer with what sites do to it: `out ⊙ apply(in ⊙ x) + B·A·x + bias`, `x [M,in]` → `[M,out]`. Every site acts on the
   * frozen layer, so their order does not matter.
   */
  linear(g: GraphBuilder, module: string, x: Value, apply: (x: Value) => Value): Value
  /** A weight by its checkpoint name: the base's, unless the `weights` site replaces it. */
  weight(g: GraphBuilder, name: string, shape: number[]): Value
}

/** One site's part in a weave, made from its values. A site fills in what it acts on. */
export interface SiteInjection {
  /** Rows `[P,H]` that stand before the tokens. */
  rows?: Value
  /** A prefix `[L,2,K,P,D]`. */
  prefix?: Value
  /** Replacements of base weights, by name. */
  weights?: Record<string, Value>
  head?: HeadValues
  /** Branches `prefix [L,2,K,P,D]`, `gate [L,N,G]`, `lengths [G]`. */
  gated?: { prefix: Value; gate: Value; lengths: Value }
  /** `a [R,in]`, `b [out,R]`, `bias [out]` by module. */
  linears?: Record<string, { a?: Value; b?: Value; bias?: Value }>
  /** `in [in]`, `out [out]` by module. */
  scales?: Record<string, { in?: Value; out?: Value }>
}

/** A site's graph half: from its values to what is injected. */
export type SiteHook = (g: GraphBuilder, values: Record<string, Value>) => SiteInjection

/**
 * Weaves sites into a training graph. Several adapters may act at once (`[frozen, trained]`): rows follow one another in
 * the order given, prefixes overlay one another.
 * @param options.batch the batch's size in the graph, a number or a symbol like `'B'`
 */
export const weave = (g: GraphBuilder, adapters: SiteValues | readonly SiteValues[], options: { batch: Dim }): Weave =>
  weaveAll(g, [{ adapters: Array.isArray(adapters) ? (adapters as readonly SiteValues[]) : [adapters as SiteValues], rows: options.batch }])

/** Consecutive rows of a batch, with a stack of adapters of their own; none for the bare model. */
export interface AdapterGroup {
  adapters: readonly SiteValues[]
  rows: number
}

/**
 * Weaves a batch whose rows carry different adapters: any methods, any lengths. Rows and columns are padded to the most that a group has;
 * the host masks what is padding, by `groups`. An adapter that is given to every group (the same object) is woven once, for all rows.
 * Error `site_not_trainable` for what exists once in a batch: replaced weights that groups do not share.
 */
export const weaveGroups = (g: GraphBuilder, groups: readonly AdapterGroup[]): Weave => weaveAll(g, groups)

function weaveAll(g: GraphBuilder, given: readonly { adapters: readonly SiteValues[]; rows: Dim }[]): Weave {
  const injected = new Map(
    [...new Set(given.flatMap(({ adapters }) => adapters))].map((adapter) => [
      adapter,
      Object.entries(adapter).map(([site, tensors]) => siteOf(site).hook(g, tensors)),
    ]),
  )
  const groupsOf = (counts: (adapter: SiteValues) => boolean) =>
    given.map(({ rows, adapters }) => ({ rows, injections: adapters.filter(counts).flatMap((adapter) => injected.get(adapter)!) }))
  const count = (adapters: readonly SiteValues[], adapter: SiteValues): number => adapters.filter((other) => other === adapter).length
  const isCommon = (adapter: SiteValues): boolean => given.every(({ adapters }) => count(adapters, adapter) === count(given[0].adapters, adapter))
  const all = groupsOf(() => true)
  const [{ injections: common }] = groupsOf(isCommon)
  const own = groupsOf((adapter) => !isCommon(adapter))
  if (own.some(({ injections }) => injections.some(({ weights }) => weights)))
    throw siteNotTrainable('weights', 'a batch has one base model, and its groups replace different weights')

  const heads = all.map(({ injections }) => injections.flatMap((injection) => injection.head ?? []))
  if (heads.some(({ length }) => length > 1)) throw siteNotTrainable('head', 'there are two of them, and a row has one classifier')
  const rows = rowsOf(all)
  const prefixes = prefixesOf(g, all)
  const weights: Record<string, Value> = Object.assign({}, ...common.map((injection) => injection.weights ?? {}))
  const groups = all.map(
    (group, i): WovenGroup => ({
      rows: group.rows,
      numRows: rows.lengths[i],
      prefixLength: prefixes.columns[i],
      prefixLengths: prefixes.lengths[i],
      longestPrefix: prefixes.longest[i],
      head: heads[i][0] ?? null,
    }),
  )
  const most = (name: 'numRows' | 'prefixLength' | 'longestPrefix'): number => Math.max(...groups.map((group) => group[name]))
  return {
    numRows: most('numRows'),
    prefixLength: most('prefixLength'),
    longestPrefix: most('longestPrefix'),
    head: groups.every(({ head }) => head === groups[0].head) ? groups[0].head : null,
    groups,
    rows: rows.inject,
    keyValue: prefixes.inject,
    gated: gatedBranches(common, own),
    linear: linearLayers(common, own),
    weight: (g, name, shape) => weights[name] ?? g.weight(name, shape),
  }
}
