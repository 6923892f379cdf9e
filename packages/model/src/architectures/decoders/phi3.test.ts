import { expect, test } from 'vitest'
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

test.each(['longrope', 'su', 'yarn', 'linear', 'dynamic', 'llama3'])('rotary scaling is refused by name: %s', (type) => {
  const factors = { short_factor: [1, 1], long_factor: [2, 2], factor: 2 }
  for (const fields of [{ rope_scaling: { type, ...factors } }, { rope_parameters: { rope_type: type, ...factors } }])
    expect(() => phi3.config({ ...tiny, ...fields })).toThrowError(coded('unsupported_config', `rope_type "${type}" is not supported; supported: "default"`))
})
