import { expect, test } from 'vitest'
import { tinyConfig } from '../testing/tiny-llama.ts'
import { smollm3 } from './smollm3.ts'

/** As published. */
const published = {
  model_type: 'smollm3',
  architectures: ['SmolLM3ForCausalLM'],
  attention_bias: false,
  hidden_act: 'silu',
  hidden_size: 2048,
  intermediate_size: 11_008,
  layer_types: Array.from({ length: 36 }, () => 'full_attention'),
  max_position_embeddings: 65_536,
  max_window_layers: 28,
  mlp_bias: false,
  no_rope_layer_interval: 4,
  no_rope_layers: Array.from({ length: 36 }, (_, i) => ((i + 1) % 4 ? 1 : 0)),
  num_attention_heads: 16,
  num_hidden_layers: 36,
  num_key_value_heads: 4,
  pretraining_tp: 2,
  rms_norm_eps: 1e-6,
  rope_scaling: null,
  rope_theta: 5_000_000,
  sliding_window: null,
  use_sliding_window: false,
  vocab_size: 128_256,
}
const tiny = { ...tinyConfig, model_type: 'smollm3' }

test('SmolLM3-3B is as large as it is; every fourth layer does not rotate', () => {
  const config = smollm3.config(published)
  const sizes = Object.values(smollm3.weights(config)).map((shape) => shape.reduce((n, d) => n * d, 1))
  expect(sizes.reduce((sum, size) => sum + size)).toBe(3_075_098_624)
  expect(config).toMatchObject({ ropeTheta: 5_000_000, tieWordEmbeddings: true, maxPositions: 65_536 })
  expect(config.rotatingLayers!.flatMap((rotates, layer) => (rotates ? [] : [layer]))).toEqual([3, 7, 11, 15, 19, 23, 27, 31, 35])
  expect(smollm3.attention(config)).toMatchObject({ rotary: { default: { theta: 5_000_000 } }, windows: [null] })
})

test('layers that do not rotate are named one by one, or by an interval', () => {
  const rotating = (fields: object) => smollm3.config({ ...tiny, num_hidden_layers: 4, ...fields }).rotatingLayers
  expect(rotating({})).toEqual([true, true, true, false])
  expect(rotating({ no_rope_layer_interval: 2 })).toEqual([true, false, true, false])
  expect(rotating({ no_rope_layer_interval: 5 })).toBeUndefined()
  expect(rotating({ no_rope_layers: [0, 1, 1, 1], no_rope_layer_interval: 2 })).toEqual([false, true, true, true])
  expect(rotating({ no_rope_layers: [1, 1, 1, 1, 0] })).toBeUndefined()
})

test('what it leaves out is as in transformers', () => {
  const { rope_theta, tie_word_embeddings, ...left } = tiny
  expect(smollm3.config(left)).toMatchObject({ ropeTheta: 2_000_000, tieWordEmbeddings: true })
})

test('a window is of the layers that do not rotate, where no types are named', () => {
  const windows = (fields: object) => smollm3.config({ ...tiny, no_rope_layers: [0, 1], sliding_window: 8, ...fields }).layerWindows
  expect(windows({})).toBeUndefined()
  expect(windows({ use_sliding_window: true })).toEqual([8, null])
  expect(windows({ use_sliding_window: true, layer_types: ['full_attention', 'sliding_attention'] })).toEqual([null, 8])
  expect(windows({ use_sliding_window: true, sliding_window: null })).toBeUndefined()
  expect(() => windows({ layer_types: ['sliding_attention', 'full_attention'] })).toThrowError(
    /layer 0 is of sliding_attention, and there is no sliding_window/,
  )
})

test('what is not computed is refused', () => {
  const refused = (fields: object, code: string, message: string) =>
    expect(() => smollm3.config({ ...tiny, ...fields })).toThrowError(expect.objectContaining({ code, message: expect.stringContaining(message) }))
  refused({ no_rope_layers: [1] }, 'invalid_config', 'no_rope_layers names 1 layers')
  refused({ no_rope_layers: [0, 0] }, 'unsupported_config', 'no_rope_layers [0,0]')
  refused({ no_rope_layer_interval: 1 }, 'unsupported_config', 'no_rope_layer_interval 1')
  refused({ hidden_act: 'gelu' }, 'unsupported_config', 'hidden_act "gelu"')
  refused({ rope_scaling: { rope_type: 'longrope', factor: 2 } }, 'unsupported_config', 'longrope')
})
