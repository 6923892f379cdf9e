import { z } from 'zod'
import { invalidConfig, unsupportedConfig } from '../../errors.ts'
import type { RopeScaling } from '../../layout/rotary.ts'
import { checkRotatedPart, ropeScaling, ropeSchema, ropeSettings, rotatedPart, scaledPositions } from './rope-settings.ts'

export const size = z.int('a whole number expected').positive('a whole number of at least 1 expected')

/** What config.json says of every decoder's sizes; an architecture extends it with what is its own. */
export const decoderSizesSchema = z.looseObject({
  model_type: z.string(),
  architectures: z.array(z.string()).nullish(),
  hidden_size: size,
  intermediate_size: size,
  num_hidden_layers: size,
  num_attention_heads: size,
  num_key_value_heads: size.nullish(),
  head_dim: size.nullish(),
  max_position_embeddings: size,
  rms_norm_eps: z.number().positive().default(1e-6),
  tie_word_embeddings: z.boolean().default(false),
  attention_bias: z.boolean().default(false),
  mlp_bias: z.boolean().default(false),
  partial_rotary_factor: z.number().nullish(), // less than 1: the rest of a head is not rotated
  is_causal: z.boolean().nullish(), // false: tokens see those after them too
  vocab_size: size,
  initializer_range: z.number().positive().default(0.02),
})

/** The same of one with SwiGLU and one rotary base. */
export const decoderSchema = decoderSizesSchema.extend({
  hidden_act: z.string().default('silu'),
  rope_theta: z.number().positive().nullish(),
  rope_scaling: ropeSchema.nullish(), // transformers 4
  rope_parameters: ropeSchema.nullish(), // transformers 5
  original_max_position_embeddings: size.nullish(),
})

/** Part of a model's fingerprint, as is `DecoderConfig`: what is added here must be absent, not false, for the models there are. */
export interface DecoderSizes {
  hiddenSize: number
  intermediateSize: number
  numLayers: number
  numHeads: number
  numKeyValueHeads: number
  headDim: number
  vocabSize: number
  maxPositions: number
  rmsNormEps: number
  tieWordEmbeddings: boolean
  /** Biases of the query, key and value projections; of the output projection too, unless the architecture has none. */
  attentionBias: boolean
  mlpBias: boolean
  initializerRange: number
  /** The checkpoint is a classifier's, or a bare one: it has no output projection, and cannot generate. */
  headless?: true
}

export interface DecoderMultipliers {
  /** Of all rows that enter the first layer, tokens' and others. */
  embedding: number
  /** Of attention's scores, in place of 1/√D. */
  attention: number
  /** Of what each half of a block adds to the stream. */
  residual: number
  logits: number
}

export interface DecoderConfig extends DecoderSizes {
  ropeTheta: number
  ropeScaling: RopeScaling
  /** Whether each layer rotates queries and keys, which some do; absent where all do. */
  rotatingLayers?: boolean[]
  /** How many numbers of each head are rotated, the first ones; absent where all are. */
  rotaryDim?: number
  /** Factors on what flows through the model; absent for an architecture without, which divides scores by √D. */
  multipliers?: DecoderMultipliers
  /** Each layer's sliding window, null where a layer has none; absent where no layer has one that is smaller than the context. */
  layerWindows?: (number | null)[]
}

/**
 * Throws `invalid_config` and `unsupported_config`, naming `where`.
 * @param rotatesPart whether the architecture has `partial_rotary_factor`; of the two places that may say it, the settings of the rotation count
 */
export function decoderConfig(c: z.infer<typeof decoderSchema>, where: string, { rotatesPart = false } = {}): DecoderConfig {
  if (c.hidden_act !== 'silu') throw unsupportedConfig('hidden_act', c.hidden_act, '"silu"')
  const rope = ropeSettings(c.rope_scaling, c.rope_parameters, where)
  const sizes = decoderSizes(rotatesPart ? { ...c, partial_rotary_factor: null } : c, where)
  const rotated = rotatesPart ? rotatedPart(rope?.partial_rotary_factor ?? c.partial_rotary_factor, sizes.headDim) : {}
  const scaling = ropeScaling(rotatesPart && rope ? { ...rope, partial_rotary_factor: undefined } : rope, where, {
    rotaryDim: rotated.rotaryDim ?? sizes.headDim,
    maxPositions: sizes.maxPositions,
    originalMaxPositions: c.original_max_position_embeddings,
  })
  return {
    ...sizes,
    ...rotated,
    maxPositions: scaledPositions(sizes.maxPositions, scaling),
    ropeTheta: rope?.rope_theta ?? c.rope_theta ?? 10_000,
    ropeScaling: scaling,
  }
}

/** What every decoder's config.json says of sizes. Throws `invalid_config`, and `unsupported_config` for one that attends in both directions, or rotates a part of a head. */
export function decoderSizes(c: z.infer<typeof decoderSizesSchema>, where: string): DecoderSizes {
  if (c.is_causal === false) throw unsupportedConfig('is_causal', false, 'true, a token sees those before it')
  checkRotatedPart(c.partial_rotary_factor)
  const numKeyValueHeads = c.num_key_value_heads ?? c.num_attention_heads
  const headDim = c.head_dim ?? c.hidden_size / c.num_attention_heads
  if (!Number.isInteger(headDim) || headDim % 2) {
    throw invalidConfig(where, `head_dim is ${headDim}; an even whole number is expected (hidden_size / num_attention_heads where it is not given).`)
  }
  if (c.num_attention_heads % numKeyValueHeads) {
    throw invalidConfig(where, `num_attention_heads ${c.num_attention_heads} is no multiple of num_key_value_heads ${numKeyValueHeads}.`)
  }
  return {
    hiddenSize: c.hidden_size,
    intermediateSize: c.intermediate_size,
    numLayers: c.num_hidden_layers,
    numHeads: c.num_attention_heads,
    numKeyValueHeads,
    headDim,
    vocabSize: c.vocab_size,
    maxPositions: c.max_position_embeddings,
    rmsNormEps: c.rms_norm_eps,
    tieWordEmbeddings: c.tie_word_embeddings,
    attentionBias: c.attention_bias,
    mlpBias: c.mlp_bias,
    initializerRange: c.initializer_range,
    ...(!c.tie_word_embeddings && c.architectures?.[0]?.endsWith('Classification') && { headless: true as const }),
  }
}
