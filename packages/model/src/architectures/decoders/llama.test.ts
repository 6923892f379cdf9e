import { expect, test } from 'vitest'
import { tinyConfig } from '../../testing/tiny-llama.ts'
import { llama } from './llama.ts'

const coded = (code: string, message = '') => expect.objectContaining({ code, message: expect.stringContaining(message) })

test('head size and key/value heads are derived where config.json leaves them out', () => {
  const { num_key_value_heads, ...older } = tinyConfig
  expect(llama.config(older)).toMatchObject({ headDim: 4, numKeyValueHeads: 4, attentionBias: false, rmsNormEps: 1e-5 })
  expect(llama.config({ ...tinyConfig, head_dim: 8 }).headDim).toBe(8)
  expect(llama.spec(llama.config({ ...tinyConfig, head_dim: 8 })).weights['model.layers.0.self_attn.o_proj.weight']).toEqual([16, 32])
})

test('rotary settings of both spellings', () => {
  const { rope_theta, ...bare } = tinyConfig
  expect(llama.config(bare)).toMatchObject({ ropeTheta: 10_000, ropeScaling: { ropeType: 'default' } })
  expect(llama.config({ ...bare, rope_parameters: { rope_type: 'default', rope_theta: 5e5 } }).ropeTheta).toBe(5e5)
  const llama3 = { factor: 8, low_freq_factor: 1, high_freq_factor: 4, original_max_position_embeddings: 8192 }
  expect(llama.config({ ...tinyConfig, rope_scaling: { rope_type: 'llama3', ...llama3 } }).ropeScaling).toMatchObject({
    ropeType: 'llama3',
    factor: 8,
    originalMaxPositions: 8192,
  })
  expect(llama.config({ ...tinyConfig, rope_scaling: { type: 'linear', factor: 2 } }).ropeScaling).toEqual({ ropeType: 'linear', factor: 2 })
  expect(() => llama.config({ ...tinyConfig, rope_scaling: { rope_type: 'proportional', factor: 2 } })).toThrowError(
    coded('unsupported_config', 'rope_type "proportional" is not supported; supported: "default", "linear", "llama3", "yarn", "longrope", "dynamic"'),
  )
  const longrope = { rope_type: 'longrope', factor: 2, short_factor: [1, 2], original_max_position_embeddings: 16 }
  expect(llama.config({ ...tinyConfig, rope_scaling: longrope }), 'the context is the original one').toMatchObject({
    maxPositions: 16,
    ropeScaling: { ropeType: 'longrope', factors: [1, 2], attentionFactor: Math.sqrt(1.25) },
  })
  // Transformers takes another base for texts of more than max_position_embeddings tokens, and there are none here.
  expect(llama.config({ ...tinyConfig, rope_scaling: { type: 'dynamic', factor: 2 } })).toEqual(llama.config(tinyConfig))
  expect(() => llama.config({ ...tinyConfig, rope_scaling: { rope_type: 'llama3', factor: 2 } })).toThrowError(coded('invalid_config', 'needs low_freq_factor'))
})

test('yarn is read as transformers reads it, and makes the context longer', () => {
  const yarn = (fields: object, beside: object = {}) => llama.config({ ...tinyConfig, ...beside, rope_scaling: { type: 'yarn', factor: 4, ...fields } })
  const usual = { ropeType: 'yarn', factor: 4, betaFast: 32, betaSlow: 1, truncate: true }
  expect(yarn({ original_max_position_embeddings: 64 })).toMatchObject({
    maxPositions: 256,
    ropeScaling: { ...usual, attentionFactor: 0.1 * Math.log(4) + 1, originalMaxPositions: 64 },
  })
  expect(yarn({ original_max_position_embeddings: 8 }), 'what config.json has is more').toMatchObject({
    maxPositions: 64,
    ropeScaling: { originalMaxPositions: 8 },
  })
  expect(yarn({}), 'the original context is that of config.json').toMatchObject({ maxPositions: 256, ropeScaling: { originalMaxPositions: 64 } })
  expect(yarn({ original_max_position_embeddings: 8 }, { original_max_position_embeddings: 32 }).ropeScaling).toMatchObject({ originalMaxPositions: 32 })
  expect(yarn({ factor: null, original_max_position_embeddings: 16 })).toMatchObject({ maxPositions: 64, ropeScaling: { factor: 4 } })
  const attentionFactor = (fields: object) => (yarn(fields).ropeScaling as { attentionFactor: number }).attentionFactor
  expect(attentionFactor({ attention_factor: 0.9, mscale: 2, mscale_all_dim: 1 })).toBe(0.9)
  expect(attentionFactor({ mscale: 2, mscale_all_dim: 0.5 })).toBeCloseTo((0.2 * Math.log(4) + 1) / (0.05 * Math.log(4) + 1), 12)
  for (const alone of [{ mscale: 2 }, { mscale_all_dim: 2 }, { mscale: 2, mscale_all_dim: 0 }, { attention_factor: null }])
    expect(attentionFactor(alone), JSON.stringify(alone)).toBeCloseTo(0.1 * Math.log(4) + 1, 12)
  expect(attentionFactor({ factor: 0.5 })).toBe(1)
  expect(yarn({ beta_fast: 0, beta_slow: null, truncate: false }).ropeScaling).toMatchObject({ betaFast: 32, betaSlow: 1, truncate: false })
  expect(yarn({ beta_fast: 16, beta_slow: 2 }).ropeScaling).toMatchObject({ betaFast: 16, betaSlow: 2 })
  expect(() => yarn({ factor: undefined })).toThrowError(coded('invalid_config', 'rope_type "yarn" needs factor'))
})

test('a scaling of the old name beside settings of the new one is refused, unless both say the same', () => {
  const { rope_theta, ...bare } = tinyConfig
  const both = (rope_scaling: object | null, rope_parameters: object) => llama.config({ ...bare, rope_scaling, rope_parameters })
  const newer = { rope_type: 'default', rope_theta: 1e6 }
  const added = { type: 'yarn', factor: 4, original_max_position_embeddings: 16 }
  expect(() => both(added, newer)).toThrowError(coded('invalid_config', 'rope_type differs between them. Put the scaling into rope_parameters'))
  expect(() => both(added, { ...newer, ...added, rope_type: 'yarn', factor: 2 })).toThrowError(coded('invalid_config', 'factor differs'))
  expect(both(added, { ...added, rope_theta: 1e6 })).toMatchObject({ ropeTheta: 1e6, ropeScaling: { ropeType: 'yarn' } })
  expect(both(null, newer)).toEqual(both({}, newer))
})

test('rotation of a part of a head is refused, wherever it stands', () => {
  const refused = coded('unsupported_config', 'partial_rotary_factor 0.5')
  expect(() => llama.config({ ...tinyConfig, partial_rotary_factor: 0.5 })).toThrowError(refused)
  expect(() => llama.config({ ...tinyConfig, rope_parameters: { rope_theta: 10_000, partial_rotary_factor: 0.5 } })).toThrowError(refused)
  expect(llama.config({ ...tinyConfig, partial_rotary_factor: 1 })).toEqual(llama.config(tinyConfig))
})

test('biases and an untied head add weights', () => {
  const weights = llama.weights(llama.config({ ...tinyConfig, attention_bias: true, mlp_bias: true, tie_word_embeddings: false }))
  expect(weights).toMatchObject({
    'model.layers.1.self_attn.k_proj.bias': [8],
    'model.layers.0.self_attn.o_proj.bias': [16],
    'model.layers.0.mlp.down_proj.bias': [16],
    'lm_head.weight': [258, 16],
  })
  expect(Object.keys(llama.weights(llama.config(tinyConfig))).filter((name) => /bias|lm_head/.test(name))).toEqual([])
})

test('a config that makes no model is refused, every wrong field named', () => {
  expect(() => llama.config({ ...tinyConfig, hidden_size: 0, vocab_size: 'many' })).toThrowError(coded('invalid_config', 'vocab_size'))
  expect(() => llama.config({ ...tinyConfig, hidden_size: 0, vocab_size: 'many' })).toThrowError(coded('invalid_config', 'hidden_size'))
  expect(() => llama.config({ ...tinyConfig, num_key_value_heads: 3 })).toThrowError(coded('invalid_config', 'no multiple'))
  expect(() => llama.config({ ...tinyConfig, num_attention_heads: 3 })).toThrowError(coded('invalid_config', 'head_dim'))
  expect(() => llama.config({ ...tinyConfig, hidden_act: 'gelu' })).toThrowError(coded('unsupported_config', 'hidden_act "gelu"'))
})
