import type { Dim, GraphBuilder, Value } from '@weft/graph'
import { siteNotTrainable } from '../errors.ts'
import { siteOf } from './index.ts'

/** Tensors of a graph, by site and name: `{ inputsEmbeds: { rows } }`. What a plugin's `encode` returns and a weave injects. */
export type SiteValues = Record<string, Record<string, Value>>

/** How the tensors of some sites meet a model's training graph. Architectures call it; they never see a site. */
export interface Weave {
  /** Rows put before the token embeddings. */
  numRows: number
  /** Columns put before every layer's keys and values. */
  prefixLength: number
  /** Positions that the longest single prefix takes: tokens start after all rows plus this. */
  longestPrefix: number
  /** The task's classifier, when one is woven in: `weight [C,H]`, `bias [C]`. */
  head: { weight: Value; bias?: Value } | null
  /** Token embeddings `[B,T,H]` with the rows in front, `[B,S,H]`. */
  rows(g: GraphBuilder, tokens: Value): Value
  /** Keys (after rotation) and values `[B,K,S,D]` with the prefix in front, `[B,K,prefix+S,D]`. */
  keyValue(g: GraphBuilder, layer: number, k: Value, v: Value): { k: Value; v: Value }
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
  head?: { weight: Value; bias?: Value }
}

/** A site's graph half: from its values to what is injected. */
export type SiteHook = (g: GraphBuilder, values: Record<string, Value>) => SiteInjection

/**
 * Weaves sites into a training graph. Several adapters may act at once (`[frozen, trained]`): rows follow one another in
 * the order given, prefixes overlay one another.
 * @param options.batch the batch's size in the graph, a number or a symbol like `'B'`
 */
export function weave(g: GraphBuilder, adapters: SiteValues | readonly SiteValues[], options: { batch: Dim }): Weave {
  const injections = (Array.isArray(adapters) ? (adapters as readonly SiteValues[]) : [adapters as SiteValues]).flatMap((values) =>
    Object.entries(values).map(([site, tensors]) => siteOf(site).hook(g, tensors)))

  const rows = injections.flatMap((injection) => injection.rows ?? [])
  const prefixes = injections.flatMap((injection) => injection.prefix ?? [])
  const heads = injections.flatMap((injection) => injection.head ?? [])
  const weights: Record<string, Value> = Object.assign({}, ...injections.map((injection) => injection.weights ?? {}))
  if (heads.length > 1) throw siteNotTrainable('head', 'there are two of them, and a graph has one classifier')

  const prefix = prefixes.length > 1 ? g.concat(prefixes, 3) : prefixes[0]
  return {
    numRows: total(rows.map((value) => size(value, 0))),
    prefixLength: total(prefixes.map((value) => size(value, 3))),
    longestPrefix: Math.max(0, ...prefixes.map((value) => size(value, 3))),
    head: heads[0] ?? null,

    rows(g, tokens) {
      if (!rows.length) return tokens
      const block = rows.length > 1 ? g.concat(rows, 0) : rows[0] // [P,H]
      return g.concat([g.expand(block, [options.batch, ...block.shape]), tokens], 1)
    },

    keyValue(g, layer, k, v) {
      if (!prefix) return { k, v }
      const [numLayers, , numHeads, length, headDim] = prefix.shape as number[]
      const ofLayer = g.split(prefix, Array<number>(numLayers).fill(1), 0)[layer] // [1,2,K,P,D]
      const [keys, values] = g.split(ofLayer, [1, 1], 1)
      const before = (half: Value, own: Value): Value =>
        g.concat([g.expand(g.reshape(half, [1, numHeads, length, headDim]), [options.batch, numHeads, length, headDim]), own], 2)
      return { k: before(keys, k), v: before(values, v) }
    },

    weight: (g, name, shape) => weights[name] ?? g.weight(name, shape),
  }
}

const total = (sizes: readonly number[]): number => sizes.reduce((sum, next) => sum + next, 0)

/** The size of an axis that a site's tensors fix; only batches and token counts may be symbols. */
function size(value: Value, axis: number): number {
  const dim = value.shape[axis]
  if (typeof dim !== 'number') throw siteNotTrainable(value.name, `its size ${dim} must be a number when the graph is built`)
  return dim
}
