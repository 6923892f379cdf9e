import type { DType, GraphBuilder, TypedArray, Value } from '@weft/graph'
import type { ModelWeights } from '../checkpoint/weights.ts'

/** A frozen weight as the checkpoint has it. */
export interface FrozenWeight {
  /** Hugging Face's name. */
  readonly name: string
  readonly shape: readonly number[]
  /** A linear layer stored `[in, out]` (GPT-2's Conv1D) instead of `[out, in]`. */
  readonly transposed?: boolean
}

/** Where the numbers come from. */
export type WeightSource = Pick<ModelWeights, 'read' | 'stored'>

/** Tensors by the names that a session knows them by. */
export type TensorTypes = Readonly<Record<string, { dtype: DType; shape: number[] }>>
export type TensorArrays = Readonly<Record<string, TypedArray>>

/**
 * How one frozen weight lies in memory, and what a graph does with it there. Each is one file; which one a weight has is `storageOf`'s to say.
 * Graphs, the store of base weights and the host's token embedding all ask it, so that no other place knows.
 */
export interface WeightStorage {
  /** Whether weights of as many columns, one below the other, are one weight: each tensor's first axis counts rows. */
  readonly joins?: true
  /** The tensors that hold the weight. */
  tensors(weight: FrozenWeight): TensorTypes
  /** Fills them from the checkpoint. */
  fill(weight: FrozenWeight, source: WeightSource, into: TensorArrays): Promise<void>
  /** The whole weight in a graph, as numbers, in its own shape. */
  value(g: GraphBuilder, weight: FrozenWeight): Value
  /** A linear layer: `x [M, in]` → `x·wᵀ (+ bias)`, `[M, out]`. */
  product(g: GraphBuilder, weight: FrozenWeight, x: Value, bias?: Value): Value
  /** Rows of the weight: `ids […]` → `[…, columns]`. */
  gather(g: GraphBuilder, weight: FrozenWeight, ids: Value): Value
  /** On the host: writes row `row` of the weight to `into`, from its tensors. */
  rows(weight: FrozenWeight, tensors: TensorArrays): (row: number, into: Float32Array) => void
}
