import type { Dim, GraphBuilder, Value } from '@weft/graph'
import { siteNotTrainable } from '../errors.ts'
import { branchMask, gatedAttention } from './gated-key-value/attention.ts'
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
  head?: { weight: Value; bias?: Value }
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
export function weave(g: GraphBuilder, adapters: SiteValues | readonly SiteValues[], options: { batch: Dim }): Weave {
  const injections = (Array.isArray(adapters) ? (adapters as readonly SiteValues[]) : [adapters as SiteValues]).flatMap((values) =>
    Object.entries(values).map(([site, tensors]) => siteOf(site).hook(g, tensors)))

  const rows = injections.flatMap((injection) => injection.rows ?? [])
  const prefixes = injections.flatMap((injection) => injection.prefix ?? [])
  const gated = injections.flatMap((injection) => injection.gated ?? [])
  const linears = Map.groupBy(injections.flatMap((injection) => Object.entries(injection.linears ?? {})), ([module]) => module)
  const scales = Map.groupBy(injections.flatMap((injection) => Object.entries(injection.scales ?? {})), ([module]) => module)
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

    gated(g, layer, q) {
      const added = gated.map(({ prefix, gate, lengths }) => {
        const [numLayers, , K, P, D] = prefix.shape as number[]
        const [, N, G] = gate.shape as number[]
        const ofLayer = g.split(prefix, Array<number>(numLayers).fill(1), 0)[layer] // [1,2,K,P,D]
        const [keys, values] = g.split(ofLayer, [1, 1], 1).map((half) => g.reshape(half, [1, K, P, D]))
        return gatedAttention(g, q, {
          keys, values, gate: g.split(gate, Array<number>(numLayers).fill(1), 0)[layer], // [1,N,G]
          ...(G > 1 && { mask: g.reshape(branchMask(g, lengths, G, P), [1, G, P]) }),
        })
      })
      return added.length ? added.reduce((sum, next) => g.add(sum, next)) : null
    },

    linear(g, module, x, apply) {
      const factors = scales.get(module)?.map(([, factor]) => factor) ?? []
      const low = linears.get(module)?.map(([, tensors]) => tensors) ?? []
      const all = <T>(values: (T | undefined)[]): T[] => values.filter((value) => value !== undefined)
      const scaled = (y: Value, by: Value[]): Value => by.reduce((product, factor) => g.mul(product, factor), y)
      const y = scaled(apply(scaled(x, all(factors.map((factor) => factor.in)))), all(factors.map((factor) => factor.out)))
      const biased = all(low.map(({ bias }) => bias)).reduce((sum, bias) => g.add(sum, bias), y)
      const [as, bs] = [all(low.map(({ a }) => a)), all(low.map(({ b }) => b))]
      if (!as.length) return biased
      const a = as.length > 1 ? g.concat(as, 0) : as[0]   // [R,in]
      const b = bs.length > 1 ? g.concat(bs, 1) : bs[0]   // [out,R]
      return g.gemm(g.gemm(x, a, { transB: true }), b, { transB: true, c: biased })
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
