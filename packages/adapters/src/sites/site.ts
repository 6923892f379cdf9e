import type { Shape } from '@weft/graph'
import type { Segment } from '../composition/composed.ts'
import type { ModelSpec } from '../model-spec.ts'
import type { FloatTensor, SiteState, Tensor } from '../tensor.ts'

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

/** What a site's tensors are counted by: a state, or the values of one in a graph. */
export type SiteShapes = Readonly<Record<string, { shape: readonly (number | string)[] }>>

/** One term of a weighted combination. `ref` names it in errors. */
export interface SiteTerm {
  weight: number
  state: SiteState
  ref?: string
}

/** One tensor of a state as an input of graphs that serve it. */
export interface SiteInput {
  /** Within the site: `model.layers.0.self_attn.q_proj.a`. */
  name: string
  /** Sizes that a model gives as numbers, those that an adapter chooses as symbols: `['R.…', 576]`. */
  shape: Shape
  /** What it is filled up with where an adapter is smaller than another beside it, and all of it where one has none. */
  neutral: number
  tensor: FloatTensor
  /** A matrix whose transpose is what products over several slots read: banks that are filled row by row hold that. */
  transposedInSlots?: boolean
  /** As the site is, when absent. */
  servedBy?: Serving
  /** Does nothing unless another adapter's is beside it: a graph for this one alone needs no such input. */
  idle?: boolean
  /**
   * Every token of a run has one of its own, `[…, I]`, and the tensor is what stands for none: 1 from where a row's tokens hold the i-th of `invocations`
   * last, and 0 before (`tokenGate`).
   */
  perToken?: true
  invocations?: readonly (readonly number[])[]
}

/**
 * How a decoder has what acts at a site: its tensors as graph inputs at every step; computed once into the key/value cache; a
 * classifier of its own on hidden states; or a session of its own, with other weights.
 */
export type Serving = 'inputs' | 'cache' | 'head' | 'session'

/**
 * A place in a transformer where trained state acts: plain float arithmetic, run alike at the edge and in the runner. The site's
 * graph half is its `SiteLowering`.
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
  /** Whether it does nothing before a row's tokens hold an invocation: keys and values of what stands before are those without it. */
  waits?: true
  /** Whether states have a weighted sum. */
  mixes: boolean
  /** Whether a state is of no model, and acts on any. */
  anyModel?: true
  /** Tensors that every state has, whatever the model; none when absent. What is counted without a model is counted by them. */
  needs?: readonly string[]
  /** The tensors a state holds for this model; keys outside it are refused unless `open`. */
  tensors(model: ModelSpec): Record<string, TensorSpec>
  /** Checks that need more than shapes. Shapes, dtypes and finiteness are checked by `validateState`. */
  validate?(state: SiteState, model: ModelSpec): void
  /** Positions taken: rows in the sequence, and columns before every layer's keys. None when absent. */
  virtualTokens?(state: SiteShapes): { rows?: number; prefix?: number }
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
  /** A state as named graph inputs. */
  inputs(state: SiteState, model: ModelSpec): SiteInput[]
  /** `inputs` when absent. */
  servedBy?: Serving
}
