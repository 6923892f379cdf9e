import type { DType, TensorData } from './dtype.ts'
import type { OpName } from './ops/index.ts'
import type { Dim, Shape } from './shape.ts'

export interface TensorType {
  readonly dtype: DType
  readonly shape: Shape
}

/** What an edge of the graph carries. Made by builders only; compare by identity, since equal work is one value. */
export interface Value extends TensorType {
  /** Order of creation within its builder. */
  readonly id: number
  /** Unique within the graph. Inputs and weights keep the name they were given. */
  readonly name: string
  readonly kind: 'input' | 'weight' | 'constant' | 'node'
  /** The node that computes it, when `kind` is 'node', and which of its outputs it is. */
  readonly node?: Node
  readonly index?: number
  /** Its numbers, when `kind` is 'constant'. */
  readonly constant?: TensorData
}

/** A value, or a number that becomes a scalar constant of the other operand's dtype. */
export type Operand = Value | number

export type Attribute = number | string | boolean | readonly Dim[]
export type Attributes = { readonly [name: string]: Attribute | undefined }

export interface Node {
  readonly op: OpName
  /** Place: `/model/layers.3/attn/MatMul`. */
  readonly name: string
  /** An optional input that is absent is undefined. */
  readonly inputs: readonly (Value | undefined)[]
  readonly attributes: Attributes
  readonly outputs: readonly Value[]
}

/** What a builder has built; nodes are in an order in which they can run. */
export interface Graph {
  readonly name: string
  readonly inputs: readonly Value[]
  readonly weights: readonly Value[]
  readonly nodes: readonly Node[]
  readonly outputs: readonly { readonly name: string; readonly value: Value }[]
}
