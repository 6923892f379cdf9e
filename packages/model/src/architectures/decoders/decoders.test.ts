import { describe, expect, test } from 'vitest'
import { tinyConfig } from '../../testing/tiny-llama.ts'
import { gemma3 } from './gemma3.ts'
import { gpt2 } from './gpt2.ts'
import { granite } from './granite.ts'
import { llama } from './llama.ts'
import { mistral } from './mistral.ts'
import { olmo2 } from './olmo2.ts'
import { phi3 } from './phi3.ts'
import { qwen2 } from './qwen2.ts'
import { qwen3 } from './qwen3.ts'
import { smollm3 } from './smollm3.ts'

const names = (weights: Record<string, number[]>): string[] =>
  Object.keys(weights).filter((name) => name.startsWith('model.layers.1.') && /bias|_norm/.test(name))

test('qwen2 has biases on queries, keys and values alone', () => {
  expect(names(qwen2.weights(qwen2.config({ ...tinyConfig, model_type: 'qwen2' })))).toEqual(
    ['q', 'k', 'v'].map((half) => `model.layers.1.self_attn.${half}_proj.bias`),
  )
})

test('qwen3 norms each head, and its heads have a width of their own', () => {
  const config = qwen3.config({ ...tinyConfig, model_type: 'qwen3', head_dim: 6 })
  expect(names(qwen3.weights(config))).toEqual(['model.layers.1.self_attn.q_norm.weight', 'model.layers.1.self_attn.k_norm.weight'])
  expect(qwen3.weights(config)).toMatchObject({ 'model.layers.0.self_attn.k_norm.weight': [6], 'model.layers.0.self_attn.q_proj.weight': [24, 16] })
  expect(qwen3.config({ ...tinyConfig, model_type: 'qwen3' }).headDim).toBe(128)
})

test('olmo2 norms what attention and feed-forward add, and all queries and all keys', () => {
  const json = { ...tinyConfig, model_type: 'olmo2', mlp_bias: true }
  const config = olmo2.config(json)
  expect(Object.keys(olmo2.weights(config)).filter((name) => name.endsWith('.bias'))).toEqual([])
  expect(Object.entries(olmo2.weights(config)).filter(([name]) => /^model\.layers\.1\..*norm/.test(name))).toEqual([
    ['model.layers.1.self_attn.q_norm.weight', [16]],
    ['model.layers.1.self_attn.k_norm.weight', [8]],
    ['model.layers.1.post_attention_layernorm.weight', [16]],
    ['model.layers.1.post_feedforward_layernorm.weight', [16]],
  ])
  expect(olmo2.config({ ...json, rms_norm_eps: undefined }).rmsNormEps).toBe(1e-5)
  expect(olmo2.spec(config).tasks).toEqual(['CAUSAL_LM', 'SEQ_CLS'])
})

test('granite has factors, and divides its logits; what it leaves out is 1', () => {
  const json = { ...tinyConfig, model_type: 'granite' }
  const config = granite.config({ ...json, embedding_multiplier: 12, attention_multiplier: 0.015625, residual_multiplier: 0.22, logits_scaling: 8 })
  expect(config.multipliers).toEqual({ embedding: 12, attention: 0.015625, residual: 0.22, logits: 0.125 })
  expect(granite.logitScale!(config)).toBe(0.125)
  expect(granite.config(json).multipliers).toEqual({ embedding: 1, attention: 1, residual: 1, logits: 1 })
  expect(names(granite.weights(config))).toEqual([])
  expect(() => granite.config({ ...json, logits_scaling: 0 })).toThrowError(/logits_scaling.*above 0/)
})

test('mistral has no biases, whatever else its config.json holds', () => {
  expect(names(mistral.weights(mistral.config({ ...tinyConfig, attention_bias: true, mlp_bias: true })))).toEqual([])
})

test("a classifier's checkpoint has no output projection, and is no language model", () => {
  const untied = { ...tinyConfig, model_type: 'mistral', tie_word_embeddings: false }
  const shapes = (architecture: string) => mistral.spec(mistral.config({ ...untied, architectures: [architecture] }))
  expect(shapes('MistralForCausalLM').weights).toHaveProperty(['lm_head.weight'])
  expect(shapes('MistralForSequenceClassification').weights).not.toHaveProperty(['lm_head.weight'])
  expect(shapes('MistralForSequenceClassification').tasks).not.toContain('CAUSAL_LM')
  expect(mistral.config({ ...untied, architectures: ['MistralForCausalLM'] })).toEqual(mistral.config(untied))
  const projection = (architecture: string) => mistral.outputProjection(mistral.config({ ...untied, architectures: [architecture] }))
  expect([projection('MistralForCausalLM'), projection('MistralForSequenceClassification')]).toEqual(['lm_head.weight', null])
})

test('a decoder whose tokens see those after them is refused: its hidden states would be others', () => {
  const gpt2Config = { model_type: 'gpt2', n_embd: 16, n_head: 2, n_layer: 2 }
  for (const { modelTypes, config } of [llama, qwen2, qwen3, smollm3, olmo2, granite, mistral, phi3, gemma3, gpt2]) {
    const given = modelTypes[0] === 'gpt2' ? gpt2Config : { ...tinyConfig, model_type: modelTypes[0] }
    expect(config({ ...given, is_causal: true }), modelTypes[0]).toEqual(config(given))
    expect(() => config({ ...given, is_causal: false }), modelTypes[0]).toThrowError(
      expect.objectContaining({ code: 'unsupported_config', message: expect.stringContaining('is_causal false') }),
    )
  }
})

describe("layers' windows", () => {
  const none = undefined
  test.each([
    ['smaller than the context', { sliding_window: 16 }, [16, 16]],
    ['larger', { sliding_window: 4096 }, none],
    ['none', { sliding_window: null }, none],
    ['not said', { max_position_embeddings: 32_768 }, [4096, 4096]],
  ])('mistral: %s', (_, fields, expected) => {
    const config = mistral.config({ ...tinyConfig, model_type: 'mistral', ...fields })
    expect(config.layerWindows).toEqual(expected)
    expect(mistral.attention(config).windows).toEqual(expected ? [expected[0]] : [null])
    expect(mistral.spec(config).maxPositions).toBe(config.maxPositions)
    expect(mistral.spec(config).slidingWindow).toBe(expected?.[0])
  })

  test.each([
    ['switched off', { sliding_window: 16 }, none],
    ['on, from the first layer', { sliding_window: 16, use_sliding_window: true, max_window_layers: 0 }, [16, 16]],
    ['on, from the second layer', { sliding_window: 16, use_sliding_window: true, max_window_layers: 1 }, [null, 16]],
    ['on, from a layer that does not exist', { sliding_window: 16, use_sliding_window: true, max_window_layers: 2 }, none],
    ['on, in the layers named', { sliding_window: 16, use_sliding_window: true, layer_types: ['sliding_attention', 'full_attention'] }, [16, null]],
    ['on, in no layer named', { sliding_window: 16, use_sliding_window: true, max_window_layers: 0, layer_types: ['full_attention', 'full_attention'] }, none],
  ])('qwen: %s', (_, fields, expected) => {
    for (const architecture of [qwen2, qwen3]) {
      const config = architecture.config({ ...tinyConfig, ...fields })
      expect(config.layerWindows).toEqual(expected)
      expect(architecture.spec(config).slidingWindow).toBe(expected && 16)
    }
  })

  test('that contradict one another are refused', () => {
    const config = (fields: object) => () => qwen3.config({ ...tinyConfig, ...fields })
    expect(config({ layer_types: ['full_attention'] })).toThrowError(/layer_types names 1 layers; num_hidden_layers is 2/)
    expect(config({ layer_types: ['sliding_attention', 'full_attention'] })).toThrowError(/layer 0 is of sliding_attention, and there is no sliding_window/)
    expect(config({ layer_types: ['chunked_attention', 'full_attention'] })).toThrowError(
      expect.objectContaining({ code: 'unsupported_config', message: expect.stringContaining('"chunked_attention"') }),
    )
  })
})

describe('smollm3', () => {
  /** SmolLM3-3B as published. */
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
  const tinySmollm3 = { ...tinyConfig, model_type: 'smollm3' }

  test('SmolLM3-3B is as large as it is; every fourth layer does not rotate', () => {
    const config = smollm3.config(published)
    const sizes = Object.values(smollm3.weights(config)).map((shape) => shape.reduce((n, d) => n * d, 1))
    expect(sizes.reduce((sum, size) => sum + size)).toBe(3_075_098_624)
    expect(config).toMatchObject({ ropeTheta: 5_000_000, tieWordEmbeddings: true, maxPositions: 65_536 })
    expect(config.rotatingLayers!.flatMap((rotates, layer) => (rotates ? [] : [layer]))).toEqual([3, 7, 11, 15, 19, 23, 27, 31, 35])
    expect(smollm3.attention(config)).toMatchObject({ rotary: { default: { theta: 5_000_000 } }, windows: [null] })
  })

  test('layers that do not rotate are named one by one, or by an interval', () => {
    const rotating = (fields: object) => smollm3.config({ ...tinySmollm3, num_hidden_layers: 4, ...fields }).rotatingLayers
    expect(rotating({})).toEqual([true, true, true, false])
    expect(rotating({ no_rope_layer_interval: 2 })).toEqual([true, false, true, false])
    expect(rotating({ no_rope_layer_interval: 5 })).toBeUndefined()
    expect(rotating({ no_rope_layers: [0, 1, 1, 1], no_rope_layer_interval: 2 })).toEqual([false, true, true, true])
    expect(rotating({ no_rope_layers: [1, 1, 1, 1, 0] })).toBeUndefined()
  })

  test('what it leaves out is as in transformers', () => {
    const { rope_theta, tie_word_embeddings, ...left } = tinySmollm3
    expect(smollm3.config(left)).toMatchObject({ ropeTheta: 2_000_000, tieWordEmbeddings: true })
  })

  test('a window is of the layers that do not rotate, where no types are named', () => {
    const windows = (fields: object) => smollm3.config({ ...tinySmollm3, no_rope_layers: [0, 1], sliding_window: 8, ...fields }).layerWindows
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
      expect(() => smollm3.config({ ...tinySmollm3, ...fields })).toThrowError(expect.objectContaining({ code, message: expect.stringContaining(message) }))
    refused({ no_rope_layers: [1] }, 'invalid_config', 'no_rope_layers names 1 layers')
    refused({ no_rope_layers: [0, 0] }, 'unsupported_config', 'no_rope_layers [0,0]')
    refused({ no_rope_layer_interval: 1 }, 'unsupported_config', 'no_rope_layer_interval 1')
    refused({ hidden_act: 'gelu' }, 'unsupported_config', 'hidden_act "gelu"')
    refused({ rope_scaling: { rope_type: 'proportional', factor: 2 } }, 'unsupported_config', 'proportional')
  })
})
