import { unsupportedConfig } from '../../errors.ts'
import type { MetadataReader } from '../metadata.ts'
import type { RotaryFactors } from './rotary-factors.ts'

type Key = (name: string) => string

/** The rotary base and scaling of a config.json that a GGUF's metadata amount to, with the factors that stand among its tensors. Throws `unsupported_config`, `invalid_gguf`. */
export function rotarySettings(read: MetadataReader, key: Key, modelType: string, { factors, shortFactors }: RotaryFactors = {}) {
  const theta = read.number(key('rope.freq_base')) ?? 10_000
  const type = read.text(key('rope.scaling.type')) ?? 'linear'
  const told = read.number(key('rope.scaling.factor')) ?? read.number(key('rope.scale_linear'))
  const factor = told || 1 // llama.cpp writes 0 for none
  const isScaled = type !== 'none' && (type !== 'linear' || factor !== 1)
  if (shortFactors) return { rope_theta: theta, ...longRope(read, key, shortFactors, isScaled ? { type, factor } : undefined) }
  if (factors && isScaled) throw unsupportedConfig(key('rope.scaling.type'), type, 'none beside the factors of rope_freqs.weight')
  if (factors) return { rope_theta: theta, rope_scaling: { rope_type: 'factors', factors } }
  if (!isScaled) return { rope_theta: theta }
  if (type === 'linear') return { rope_theta: theta, rope_scaling: { rope_type: type, factor } }
  // llama.cpp has one attention factor for all layers, and Gemma's is of the full ones alone.
  const isYarn = type === 'yarn' && modelType !== 'gemma3_text'
  if (!isYarn) throw unsupportedConfig(key('rope.scaling.type'), type, modelType === 'gemma3_text' ? '"none", "linear"' : '"none", "linear", "yarn"')
  return { rope_theta: theta, rope_scaling: yarn(read, key, told === undefined ? read.neededNumber(key('rope.scaling.factor')) : factor) }
}

/**
 * Files of Phi-3 seldom name the kind: the factors among the tensors say it. `attn_factor` is the whole attention factor, and the original context counts
 * where it stands beside the scaling.
 */
function longRope(read: MetadataReader, key: Key, factors: readonly number[], scaled?: { type: string; factor: number }) {
  if (scaled && (scaled.type !== 'longrope' || scaled.factor !== 1)) {
    const [name, value] = scaled.type === 'longrope' ? (['factor', scaled.factor] as const) : (['type', scaled.type] as const)
    throw unsupportedConfig(key(`rope.scaling.${name}`), value, 'none beside the factors of rope_factors_short.weight')
  }
  return {
    original_max_position_embeddings: read.number(key('rope.scaling.original_context_length')) ?? read.neededNumber(key('context_length')),
    rope_scaling: { rope_type: 'longrope', short_factor: factors, attention_factor: read.number(key('rope.scaling.attn_factor')) ?? 1 },
  }
}

/**
 * The settings that llama.cpp's converter took from config.json. `attn_factor` multiplies the usual attention factor, `yarn_attn_factor` is the whole of it.
 * The architectures that are read here have no use for `yarn_log_multiplier` there.
 */
function yarn(read: MetadataReader, key: Key, factor: number) {
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
    attention_factor: scaling('yarn_attn_factor') ?? (times === 1 ? undefined : times * (0.1 * Math.log(Math.max(1, factor)) + 1)),
    beta_fast: scaling('yarn_beta_fast'),
    beta_slow: scaling('yarn_beta_slow'),
  }
}
