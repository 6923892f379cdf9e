import type { TensorEntry } from '../checkpoint/header.ts'
import { invalidGguf, unsupportedConfig } from '../errors.ts'
import type { GgufArchitecture } from './architectures.ts'
import type { MetadataReader } from './metadata.ts'
import type { RotaryFactors } from './rotary/rotary-factors.ts'
import { rotarySettings } from './rotary/rotary-settings.ts'

/** The config.json that a GGUF's metadata and tensors amount to. Throws `invalid_gguf`, `unsupported_config`. */
export function configJson(
  read: MetadataReader,
  architecture: string,
  { modelType, fields, rotatesPart }: Pick<GgufArchitecture, 'modelType' | 'fields' | 'rotatesPart'>,
  tensors: ReadonlyMap<string, TensorEntry>,
  factors: RotaryFactors = {},
): Record<string, unknown> {
  const key = (name: string): string => `${architecture}.${name}`
  const hidden = read.neededNumber(key('embedding_length'))
  const heads = read.neededNumber(key('attention.head_count'))
  const headDim = read.number(key('attention.key_length')) ?? hidden / heads
  const vocabulary = tensors.get('token_embd.weight')?.shape[0]
  if (vocabulary === undefined) throw invalidGguf(read.file, 'it has no tensor token_embd.weight.')
  for (const [name, value] of [
    ['rope.dimension_count', rotatesPart ? undefined : read.number(key('rope.dimension_count'))],
    ['attention.value_length', read.number(key('attention.value_length'))],
  ] as const)
    if (value !== undefined && value !== headDim) throw unsupportedConfig(key(name), value, `${headDim}, the size of a head`)
  if (read.flag(key('attention.causal')) === false) throw unsupportedConfig(key('attention.causal'), false, 'true, a token sees those before it')
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
    ...rotarySettings(read, key, modelType, factors),
    ...fields?.(read, key, { hidden, heads, headDim }),
  }
}
