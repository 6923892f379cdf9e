import type { GraphBuilder, Value } from '@weft/graph'
import type { Slots } from './slots.ts'

/** A classifier: `weight [C,H]`, `bias [C]`, and the dense layer before it, `[H,H]` and `[H]`. */
export interface HeadValues {
  weight: Value
  bias?: Value
  dense?: { weight: Value; bias: Value }
}

/** A layer's queries, rotated and scaled, `[B,N,S,D]`: of all rows of a batch, or of those that have slots. */
export type Queries = (slots?: Slots) => Value

/** One adapter's graph inputs at a site by name, as the site's `inputs` lists them; banks `[slots, …]` where rows of the batch have slots. */
export type SiteTensors = (name: string) => Value | undefined

/** What a site does at one place of a forward pass; nothing where it has no tensor for it. */
type At<Place, Result = Value> = (g: GraphBuilder, place: Place, tensors: SiteTensors, slots?: Slots) => Result | undefined

/** A site's graph half: it fills in the places where it acts. Every one acts on the frozen layer, so their order does not matter. */
export interface SiteLowering {
  /** Values of a state as the site's inputs, by name; when absent they are those already. */
  inputs?(g: GraphBuilder, state: Readonly<Record<string, Value>>): Record<string, Value>
  /** What an input is filled up with, by name; 0 when absent. */
  neutral?(name: string): number
  /** The input that hides what others are filled up with; needed where any is. */
  mask?: string
  /** The input that every token has its own of, `[B,T,I]`; its lowering gets it as flat rows, `[M,I]`, zeros where no token is. */
  perToken?: string
  /** Rows `[P,H]` that stand before the tokens, or `[B,P,H]` of each row's own. */
  rows?(tensors: SiteTensors): Value | undefined
  /** A prefix `[L,2,K,P,D]` before every layer's keys and values. */
  prefix?(tensors: SiteTensors): Value | undefined
  /** Added to the attention logits toward that prefix's keys, `[L,K,P]`, or `[B,L,K,P]` of each row's own. */
  keyBias?(tensors: SiteTensors, slots?: Slots): Value | undefined
  /** Added to a layer's attention, `[B,N,S,D]`, of the rows that have slots if some have none; `q` is had when it is asked for. */
  attentionExtra?: At<{ layer: number; q: Queries }>
  /** The frozen linear layer's input `x [M,in]`, and its output `y [M,out]`. */
  linearInput?: At<{ module: string; x: Value }>
  linearOutput?: At<{ module: string; y: Value }>
  /** `y [M,out]` with what is added to it, of the layer's untouched input `x [M,in]`. */
  linearAdd?: At<{ module: string; x: Value; y: Value }>
  /** The residual stream `x [M,H]` behind a layer. */
  residual?: At<{ layer: number; x: Value }>
  /** In place of the base's weight. */
  weight?(tensors: SiteTensors, name: string): Value | undefined
  head?(tensors: SiteTensors): HeadValues
}
