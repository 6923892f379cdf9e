import type { AttributesOf, GraphBuilder, OpName, Value } from '@weft/graph'

export interface VjpContext<A> {
  readonly g: GraphBuilder
  /** The node's own inputs and outputs: forward values, free to mention. */
  readonly inputs: readonly Value[]
  readonly outputs: readonly Value[]
  readonly attributes: A
  /** Gradient of the loss by the first output, in that output's shape. */
  readonly ct: Value
  /** The same by each output; zeros where the loss does not depend on it. */
  readonly cts: readonly Value[]
}

/** Builds the gradient by one input. Called only when that gradient is wanted. It may still be broadcast: the walk sums it to the input's shape. */
export type InputGradient = (() => Value) | undefined

/** Vector-Jacobian product: one gradient per input, undefined for an input that has none (an index, a condition). */
export type Vjp<A = unknown> = (context: VjpContext<A>) => readonly InputGradient[]

/** A verdict for every op: its rule, 'zero' (constant almost everywhere), or 'refuse' (must not be in a training graph). */
export type Rules = { readonly [K in OpName]: Vjp<AttributesOf<K>> | 'zero' | 'refuse' }
