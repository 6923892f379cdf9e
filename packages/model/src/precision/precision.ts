/** What frozen weights are held in. */
export type WeightPrecision = 'float32' | 'float16' | 'bfloat16' | 'int8' | 'int4'
/** What activations are computed in. */
export type ComputePrecision = 'float32' | 'float16' | 'bfloat16'

/** How a model's frozen part is held and computed: a property of the lowering. Parameters that train, their moments and what they sum are float32 in every one. */
export interface Precision {
  readonly weights: WeightPrecision
  readonly compute: ComputePrecision
  /** What a cache of keys and values is held in on the CPU; what is computed in, unless said. */
  readonly cache?: 'float16'
  /** Frozen linear layers multiply in 8-bit integers, forward and backward: the weights are int8, and float32 activations and gradients are rounded row by row on the way in. */
  readonly products?: 'integer'
  /** What the inputs of a linear layer are divided by before they are rounded, by its weight's name; nothing where it is absent. */
  readonly smoothing?: ReadonlyMap<string, Float32Array>
}

/** Whether linear layers are held in blocks of a few bits. */
export const isQuantized = ({ weights }: Precision): boolean => weights === 'int8' || weights === 'int4'

/** The names that a command line and a configuration take. */
export const precisions = ['float32', 'float16', 'bfloat16', 'int8', 'int4'] as const satisfies readonly WeightPrecision[]

export const float32Precision: Precision = { weights: 'float32', compute: 'float32' }

/** What a name means: half-precision weights are computed with as they are, quantized ones in float32. */
export const precisionOf = (weights: WeightPrecision): Precision => ({
  weights,
  compute: weights === 'float16' || weights === 'bfloat16' ? weights : 'float32',
})

/** What frozen layers train in where the processor multiplies bytes several times as fast as floats. */
export const integerPrecision: Precision = { weights: 'int8', compute: 'float32', products: 'integer' }
