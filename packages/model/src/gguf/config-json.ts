import type { TensorEntry } from '../checkpoint/header.ts'
import { invalidGguf, unsupportedConfig } from '../errors.ts'
import type { MetadataReader } from './metadata.ts'

/** The config.json that a GGUF's metadata and tensors amount to. Throws `invalid_gguf`, `unsupported_config`. */
export function configJson(
  read: MetadataReader,
  architecture: string,
  modelType: string,
  tensors: ReadonlyMap<string, TensorEntry>,
  factors?: readonly number[],
): Record<string, unknown> {
  const key = (name: string): string => `${architecture}.${name}`
  const hidden = read.neededNumber(key('embedding_length'))
  const heads = read.neededNumber(key('attention.head_count'))
  const headDim = read.number(key('attention.key_length')) ?? hidden / heads
  const vocabulary = tensors.get('token_embd.weight')?.shape[0]
  if (vocabulary === undefined) throw invalidGguf(read.file, 'it has no tensor token_embd.weight.')
  for (const [name, value] of [
    ['rope.dimension_count', read.number(key('rope.dimension_count'))],
    ['attention.value_length', read.number(key('attention.value_length'))],
  ] as const)
    if (value !== undefined && value !== headDim) throw unsupportedConfig(key(name), value, `${headDim}, the size of a head`)
  if (read.flag(key('attention.causal')) === false) throw unsupportedConfig(key('attention.causal'), false, 'true, a token sees those before it')
  // llama.cpp has one attention factor for all layers, and here it is of the full ones alone.
  if (modelType === 'gemma3_text' && read.text(key('rope.scaling.type')) === 'yarn')
    throw unsupportedConfig(key('rope.scaling.type'), 'yarn', '"linear", or none')
  const experts = read.number(key('expert_count')) ?? 0
  if (experts > 0) throw unsupportedConfig(key('expert_count'), experts, '0')
  return {
    model_type: modelType,
    hidden_size: hidden,
    intermediate_size: read.neededNumber(key('feed_forward_length')),
    num_hidden_layers: read.neededNumber(key('block_count')),
    num_attention_heads: heads,
    num_key_value_heads: read.number(key('attention.head_count_kv')) ?? heads,
    head_dim: headDim,
    max_position_embeddings: read.neededNumber(key('context_length')),
    rms_norm_eps: read.neededNumber(key('attention.layer_norm_rms_epsilon')),
    vocab_size: vocabulary,
    tie_word_embeddings: !tensors.has('output.weight'),
    attention_bias: tensors.has('blk.0.attn_q.bias'),
    mlp_bias: tensors.has('blk.0.ffn_gate.bias'),
    ...rotary(read, key, factors),
    ...(modelType === 'gemma3_text' && gemma3(read, key, { hidden, heads, headDim })),
  }
}

function rotary(read: MetadataReader, key: (name: string) => string, factors?: readonly number[]) {
  const theta = read.number(key('rope.freq_base')) ?? 10_000
  const type = read.text(key('rope.scaling.type'))
  const factor = read.number(key('rope.scaling.factor')) ?? read.number(key('rope.scale_linear'))
  const isScaled = (type !== undefined && type !== 'none') || (factor !== undefined && factor !== 1)
  if (factors && isScaled) throw unsupportedConfig(key('rope.scaling.type'), type ?? 'linear', 'none beside the factors of rope_freqs.weight')
  if (factors) return { rope_theta: theta, rope_scaling: { rope_type: 'factors', factors } }
  if (type === 'yarn') return { rope_theta: theta, rope_scaling: yarn(read, key, factor ?? read.neededNumber(key('rope.scaling.factor'))) }
  if (type !== undefined && type !== 'none' && type !== 'linear') throw unsupportedConfig(key('rope.scaling.type'), type, '"none", "linear", "yarn"')
  return {
    rope_theta: theta,
    ...(type === 'linear' && { rope_scaling: { rope_type: type, factor } }),
    ...(type === undefined && factor !== undefined && factor !== 1 && { rope_scaling: { rope_type: 'linear', factor } }),
  }
}

/**
 * The settings that llama.cpp's converter took from config.json. `attn_factor` multiplies the usual attention factor, `yarn_attn_factor` is the whole of it.
 * The architectures that are read here have no use for `yarn_log_multiplier` there.
 */
function yarn(read: MetadataReader, key: (name: string) => string, factor: number) {
  const scaling = (name: string): number | undefined => read.number(key(`rope.scaling.${name}`))
  for (const [name, usual] of [
    ['yarn_ext_factor', 1],
    ['yarn_log_multiplier', 0],
  ] as const) {
    const value = scaling(name) ?? usual
    if (value !== usual) throw unsupportedConfig(key(`rope.scaling.${name}`), value, `${usual}`)
  }
  const times = scaling('attn_factor') ?? 1
  return {
    rope_type: 'yarn',
    factor,
    original_max_position_embeddings: scaling('original_context_length'),
    attention_factor: scaling('yarn_attn_factor') ?? (times === 1 ? undefined : times * (0.1 * Math.log(factor) + 1)),
    beta_fast: scaling('yarn_beta_fast'),
    beta_slow: scaling('yarn_beta_slow'),
  }
}

const GEMMA3_27B_LAYERS = 62

/** Sliding layers, five of six where the file does not say, turn by a base of their own; 27B alone scales scores by the width that its heads would have. */
function gemma3(read: MetadataReader, key: (name: string) => string, { hidden, heads, headDim }: { hidden: number; heads: number; headDim: number }) {
  const cap = read.number(key('final_logit_softcapping'))
  const pattern = read.number(key('attention.sliding_window_pattern'))
  return {
    sliding_window: read.neededNumber(key('attention.sliding_window')),
    ...(pattern !== undefined && { sliding_window_pattern: pattern }),
    rope_local_base_freq: read.number(key('rope.freq_base_swa')) ?? 10_000,
    query_pre_attn_scalar: read.number(key('block_count')) === GEMMA3_27B_LAYERS ? hidden / heads : headDim,
    ...(cap !== undefined && { final_logit_softcapping: cap }),
  }
}
