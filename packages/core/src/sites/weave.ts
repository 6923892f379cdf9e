import type { Dim, GraphBuilder, Value } from '@weft/graph'
import type { SiteValues } from '../plugin.ts'

/** How the tensors of some sites meet a model's training graph. Architectures call it; they never see a site. */
export interface Weave {
  /** Rows put before the token embeddings. */
  numRows: number
  /** Columns put before every layer's keys and values. */
  prefixLength: number
  /** Positions the longest single prefix takes: tokens start after all rows plus this. */
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

/** One site's part in a weave, made from its values. Every field is optional: a site touches what it acts on. */
export interface SiteInjection {
  /** Rows `[P,H]` that stand before the tokens. */
  rows?: Value
  /** A prefix `[L,2,K,P,D]`. */
  prefix?: Value
  /** Replacements of base weights by name. */
  weights?: Record<string, Value>
  head?: { weight: Value; bias?: Value }
}

/** A site's graph half: from its values to what is injected. */
export type SiteHook = (g: GraphBuilder, values: Record<string, Value>) => SiteInjection

export type WeaveOptions = { batch: Dim }
export type { SiteValues }
