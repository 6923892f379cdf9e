import { describe, expect, test } from 'vitest'
import type { LongRopeScaling } from '../../layout/longrope.ts'
import { tinyConfig } from '../../testing/tiny-llama.ts'
import { phi3 } from './phi3.ts'

const tiny = { ...tinyConfig, model_type: 'phi3' }

const coded = (code: string, message = '') => expect.objectContaining({ code, message: expect.stringContaining(message) })

test('queries, keys and values are one layer, gate and up are another, and none has a bias', () => {
  const spec = phi3.spec(phi3.config({ ...tiny, attention_bias: true, mlp_bias: true }))
  const ofLayer = Object.entries(spec.modules).filter(([name]) => name.startsWith('model.layers.1.'))
  expect(Object.fromEntries(ofLayer)).toEqual({
    'model.layers.1.self_attn.qkv_proj': [32, 16],
    'model.layers.1.self_attn.o_proj': [16, 16],
    'model.layers.1.mlp.gate_up_proj': [48, 16],
    'model.layers.1.mlp.down_proj': [16, 24],
  })
  for (const [name, shape] of ofLayer) expect(spec.weights[`${name}.weight`]).toEqual(shape)
  expect(Object.keys(spec.weights).filter((name) => name.endsWith('.bias'))).toEqual([])
  expect(spec.roles).toEqual({ attention: { queryKeyValue: 'qkv_proj', output: 'o_proj' }, feedForward: { down: 'down_proj' } })
  expect(spec.tasks).toEqual(['CAUSAL_LM', 'SEQ_CLS', 'TOKEN_CLS'])
  const { rms_norm_eps, ...without } = tiny
  expect(phi3.config(without).rmsNormEps, "transformers' default").toBe(1e-5)
})

test('a part of each head may be rotated, wherever config.json says so', () => {
  const rotary = (fields: object) => {
    const config = phi3.config({ ...tiny, head_dim: 16, ...fields })
    return [config.rotaryDim, phi3.attention(config).rotary.default.rotaryDim]
  }
  expect(rotary({})).toEqual([undefined, undefined])
  expect(rotary({ partial_rotary_factor: 1 })).toEqual([undefined, undefined])
  expect(rotary({ partial_rotary_factor: 0.75 })).toEqual([12, 12])
  expect(rotary({ partial_rotary_factor: 0.4 }), 'rounded down').toEqual([6, 6])
  const { rope_theta, ...bare } = tiny
  const newer = phi3.config({ ...bare, head_dim: 16, rope_parameters: { rope_type: 'default', rope_theta: 250_000, partial_rotary_factor: 0.5 } })
  expect(newer).toMatchObject({ rotaryDim: 8, ropeTheta: 250_000 })
  expect(rotary({ partial_rotary_factor: 0.5, rope_scaling: { type: 'default', partial_rotary_factor: 0.75 } }), 'the inner counts').toEqual([12, 12])
  for (const partial_rotary_factor of [0, 0.1, 0.2, 1.5, -0.5])
    expect(() => rotary({ partial_rotary_factor }), `${partial_rotary_factor}`).toThrowError(coded('unsupported_config', 'partial_rotary_factor'))
})

test('every layer has the sliding window, and none where config.json says nothing', () => {
  const windows = (sliding_window?: number | null) => phi3.config({ ...tiny, sliding_window }).layerWindows
  expect([windows(), windows(null), windows(262_144)]).toEqual([undefined, undefined, undefined])
  expect(windows(16)).toEqual([16, 16])
})

describe('longrope', () => {
  const factors = { short_factor: [1, 1.5], long_factor: [2, 40] }
  const read = (fields: object, scaling: object) => {
    const config = phi3.config({ ...tiny, max_position_embeddings: 256, ...fields, rope_scaling: { type: 'longrope', ...factors, ...scaling } })
    return { positions: config.maxPositions, ...(config.ropeScaling as LongRopeScaling) }
  }

  /** Phi-4-mini-instruct as published. */
  const published = {
    model_type: 'phi3',
    architectures: ['Phi3ForCausalLM'],
    attention_bias: false,
    hidden_act: 'silu',
    hidden_size: 3072,
    intermediate_size: 8192,
    lm_head_bias: false,
    max_position_embeddings: 131_072,
    mlp_bias: false,
    num_attention_heads: 24,
    num_hidden_layers: 32,
    num_key_value_heads: 8,
    original_max_position_embeddings: 4096,
    partial_rotary_factor: 0.75,
    rms_norm_eps: 1e-5,
    rope_scaling: { type: 'longrope', short_factor: Array<number>(48).fill(1), long_factor: Array<number>(48).fill(32) },
    rope_theta: 10_000,
    sliding_window: 262_144,
    tie_word_embeddings: true,
    vocab_size: 200_064,
  }

  test('Phi-4-mini is as large as it is, and its context is the original one', () => {
    const config = phi3.config(published)
    const sizes = Object.values(phi3.weights(config)).map((shape) => shape.reduce((n, d) => n * d, 1))
    expect(sizes.reduce((sum, size) => sum + size)).toBe(3_836_021_760)
    expect(config).toMatchObject({ maxPositions: 4096, headDim: 128, rotaryDim: 96, numKeyValueHeads: 8, tieWordEmbeddings: true })
    expect(config.layerWindows).toBeUndefined()
    expect(phi3.spec(config).maxPositions).toBe(4096)
    // transformers' attention_scaling of this config.
    expect((config.ropeScaling as LongRopeScaling).attentionFactor).toBeCloseTo(1.190238071, 8)
  })

  test("short factors and the attention factor are read as transformers' _compute_longrope_parameters reads them", () => {
    const usual = (factor: number, original: number) => Math.sqrt(1 + Math.log(factor) / Math.log(original))
    const beside = { original_max_position_embeddings: 64 }
    expect(read(beside, {})).toEqual({ positions: 64, ropeType: 'longrope', factors: [1, 1.5], originalMaxPositions: 64, attentionFactor: usual(4, 64) })
    expect(read(beside, { factor: 2 }).attentionFactor).toBe(usual(2, 64))
    expect(read(beside, { factor: 0.5 }).attentionFactor).toBe(1)
    expect(read(beside, { factor: 2, attention_factor: 0.75 }).attentionFactor).toBe(0.75)
    expect(read(beside, { factor: null, attention_factor: null }).attentionFactor).toBe(usual(4, 64))
    expect(read(beside, { original_max_position_embeddings: 32 }).originalMaxPositions, 'what stands in the scaling does not count').toBe(64)
    expect(read({}, { original_max_position_embeddings: 32 }), 'it is 4096 where nothing is said').toMatchObject({ positions: 256, attentionFactor: 1 })
  })

  test('older names of it, and both spellings', () => {
    const config = phi3.config({ ...tiny, original_max_position_embeddings: 16, rope_scaling: { type: 'longrope', ...factors } })
    for (const type of ['su', 'yarn'])
      expect(phi3.config({ ...tiny, original_max_position_embeddings: 16, rope_scaling: { type, ...factors } }), type).toEqual(config)
    const { rope_theta, ...bare } = tiny
    const newer = { ...bare, original_max_position_embeddings: 16, rope_parameters: { rope_type: 'longrope', rope_theta, ...factors } }
    expect(phi3.config(newer)).toEqual(config)
    expect(phi3.config({ ...newer, rope_parameters: { ...newer.rope_parameters, long_factor: [3, 50] } }), 'long ones are not computed').toEqual(config)
  })

  test('factors are of what is rotated', () => {
    expect(read({ head_dim: 16, partial_rotary_factor: 0.75 }, { short_factor: [1, 1, 1, 1, 1, 2] }).factors).toHaveLength(6)
    expect(() => read({ head_dim: 16, partial_rotary_factor: 0.75 }, { short_factor: Array(8).fill(1) })).toThrowError(
      coded('invalid_config', 'short_factor holds 8 factors; half of what is rotated of a head is expected, 6'),
    )
    expect(() => read({}, { short_factor: undefined })).toThrowError(coded('invalid_config', 'rope_type "longrope" needs short_factor'))
    expect(() => read({}, { short_factor: [1, 0] })).toThrowError(coded('invalid_config', 'short_factor'))
  })
})

test.each(['linear', 'dynamic', 'llama3'])('rotary scaling is refused by name: %s', (type) => {
  for (const fields of [{ rope_scaling: { type, factor: 2 } }, { rope_parameters: { rope_type: type, factor: 2 } }])
    expect(() => phi3.config({ ...tiny, ...fields })).toThrowError(
      coded('unsupported_config', `rope_type "${type}" is not supported; supported: "default", "longrope", "su", "yarn"`),
    )
})
