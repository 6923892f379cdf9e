import type { Segment } from '../composition/composed.ts'
import type { ModelSpec } from '../model-spec.ts'
import type { SiteState, Tensor } from '../tensor.ts'
import type { SiteHook } from './weave.ts'

/** A tensor that a site's state may or must hold. `null` in a shape is a size the adapter chooses. */
export interface TensorSpec {
  shape: (number | null)[]
  dtype: 'float32' | 'uint8'
  optional?: boolean
  /** The tensor that must be there when this one is. */
  with?: string
  /** An axis of the same letter has the same size in every tensor: `['P', null]`. */
  axes?: (string | null)[]
}

/** One term of a weighted combination. `ref` names it in errors. */
export interface SiteTerm {
  weight: number
  state: SiteState
  ref?: string
}

/**
 * A place in a transformer where trained state acts. The state half (below) is plain float arithmetic, run alike at the
 * edge and in the runner; the graph half is `hook`, used where a weave builds a training graph.
 */
export interface Site {
  name: string
  /** True where the place in an expression matters: the state occupies positions in the sequence. */
  ordered: boolean
  /**
   * `log`: a strength is added to attention logits and must not be negative. `linear`: it multiplies.
   * `none`: only 1 is possible, and a composition holds at most one state.
   */
  strength: 'log' | 'linear' | 'none'
  /** Whether states have a weighted sum. */
  mixes: boolean
  /** The tensors a state holds for this model; keys outside it are refused unless `open`. */
  tensors(model: ModelSpec): Record<string, TensorSpec>
  /** Checks that need more than shapes. Shapes, dtypes and finiteness are checked by `validateState`. */
  validate?(state: SiteState, model: ModelSpec): void
  /** Positions taken: rows in the sequence, and columns before every layer's keys. */
  virtualTokens(state: SiteState): { rows: number; prefix: number }
  /** `w*a`, for w other than 0 and 1 (0 removes the term, 1 is the identity; both are the algebra's business). */
  scale(state: SiteState, weight: number, ref?: string): SiteState
  /** `a + b`. */
  stack(a: SiteState, b: SiteState, refs?: [string, string]): SiteState
  /** `mix(w·a, v·b)`: the weighted sum of states of one shape. */
  mix(terms: SiteTerm[]): SiteState
  /** Ordered sites: what takes positions. `over` is the state of the block this one is a branch of, when the expression names it. */
  segment?(state: SiteState, over?: SiteState): Segment
  /** The tensor that identifies a block, byte for byte: a branch joins the block that is its trunk. */
  shared?(state: SiteState): Tensor
  /** The site whose blocks this site's states are branches of. Branches of one block merge, in any order. */
  branchOf?: string
  /** Injection into training graphs. */
  hook: SiteHook
}
