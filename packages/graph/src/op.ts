import type { GraphBuilder } from './builder.ts'
import type { Dim } from './dim.ts'
import type { DType, TensorData } from './dtype.ts'
import type { Attributes, Operand, TensorType, Value } from './value.ts'

/** Adds a node (or finds the same one) and returns its outputs. Handed to a record's `build`. */
export interface Emit<A extends Attributes> {
  (inputs: readonly (Operand | undefined)[], attributes: A): Value[]
  /** A number as an int64 scalar, an existing value as it is: for indices. */
  index(operand: Operand): Value
}

/** What `run` may ask for beyond its inputs. */
export interface RunContext {
  /** Inferred type of each output, sizes resolved. */
  readonly outputs: readonly { readonly dtype: DType; readonly shape: readonly number[] }[]
  /** A symbolic size as a number. */
  dim(dim: Dim): number
  /** Zeros to compute output `index` in. Everything is computed in double precision and rounded once, by `result`. */
  buffer(index?: number): Float64Array
  /** Output `index` from its numbers, rounded to its dtype. */
  result(values: Float64Array, index?: number): TensorData
}

/** An ONNX attribute: integers, strings, or a float marked as one. */
export type OnnxAttribute = number | string | readonly number[] | { readonly float: number }

/** An input that ONNX takes as a tensor and we keep as an attribute. */
export type OnnxOperand = { readonly int64: readonly Dim[] } | { readonly scalar: number; readonly dtype: DType } | undefined

/** How a node is written in ONNX, where that differs from its record. */
export interface OnnxForm {
  /** Operator type, when it is not the record's name. */
  readonly type?: string
  /** Operator domain; the default domain unless said. */
  readonly domain?: string
  readonly attributes?: { readonly [name: string]: OnnxAttribute | undefined }
  /** Inputs to put after the node's own. */
  readonly operands?: readonly OnnxOperand[]
  /** Outputs after this many are left out when nothing reads them; all are written unless said. */
  readonly requiredOutputs?: number
}

/**
 * Everything there is to know about an op. The builder's method, shape inference, the interpreter and the serializer all
 * come from here; its gradient is one rule in `packages/autodiff/src/rules`.
 */
export interface OpRecord<A extends Attributes, F> {
  /** The builder's method, given how to emit the node. */
  readonly build: (emit: Emit<A>) => F
  /** Types of the outputs. Throws the reason, as a plain string, when the inputs do not fit. */
  readonly infer: (inputs: readonly TensorType[], attributes: A) => TensorType[]
  /** Computes the outputs: correctness before speed. */
  readonly run: (inputs: readonly TensorData[], attributes: A, context: RunContext) => TensorData[]
  /** Attributes and extra inputs in ONNX; by default none. */
  readonly onnx?: (attributes: A, inputs: readonly TensorType[]) => OnnxForm
  /** A composite: its expansion into other ops. ONNX never sees the op itself. Its record needs its type written out (`OpRecord<…>`), since the builder's methods are read off the records. */
  readonly lower?: (g: GraphBuilder, inputs: readonly (Value | undefined)[], attributes: A) => Value[]
}

/** Types a record; the attributes' type is read off `build`'s `emit`. */
export const defineOp = <A extends Attributes, F>(record: OpRecord<A, F>): OpRecord<A, F> => record

/** An attribute-less op's attributes. */
export type None = Record<never, never>
