import { expect, test } from 'vitest'
import { loadModel } from '../../load.ts'
import type { StoredTensor } from '../../testing/safetensors.ts'
import { temporaryFolder, tinyTensors, writeTinyModel } from '../../testing/tiny-llama.ts'
import { gemma3 } from './gemma3.ts'

/** As published, in transformers 4's fields. */
const published = {
  model_type: 'gemma3_text',
  architectures: ['Gemma3ForCausalLM'],
  attn_logit_softcapping: null,
  final_logit_softcapping: null,
  head_dim: 256,
  hidden_activation: 'gelu_pytorch_tanh',
  hidden_size: 1152,
  intermediate_size: 6912,
  max_position_embeddings: 32_768,
  num_attention_heads: 4,
  num_hidden_layers: 26,
  num_key_value_heads: 1,
  query_pre_attn_scalar: 256,
  rms_norm_eps: 1e-6,
  rope_local_base_freq: 10_000,
  rope_scaling: null,
  rope_theta: 1_000_000,
  sliding_window: 512,
  sliding_window_pattern: 6,
  vocab_size: 262_144,
}
const tiny = { ...published, head_dim: 8, hidden_size: 24, intermediate_size: 16, num_hidden_layers: 2, vocab_size: 258, sliding_window: 8 }
const count = (shapes: Record<string, number[]>) => Object.values(shapes).reduce((sum, shape) => sum + shape.reduce((n, d) => n * d, 1), 0)

test('gemma-3-1b is as large as it is, every sixth layer sees everything', () => {
  const config = gemma3.config(published)
  expect(count(gemma3.weights(config))).toBe(999_885_952)
  expect(config.layerTypes.flatMap((type, layer) => (type === 'full_attention' ? [layer] : []))).toEqual([5, 11, 17, 23])
  expect(gemma3.attention(config)).toEqual({
    kind: 'decoder',
    rotary: {
      sliding_attention: { headDim: 256, theta: 10_000, scaling: { ropeType: 'default' } },
      full_attention: { headDim: 256, theta: 1_000_000, scaling: { ropeType: 'default' } },
    },
    windows: [512, null],
  })
  expect(gemma3.spec(config)).toMatchObject({ maxPositions: 32_768, tasks: ['CAUSAL_LM', 'SEQ_CLS'] })
})

test('fields of transformers 4 and 5 mean one model; scaling is of the full layers alone', () => {
  const { rope_theta, rope_local_base_freq, rope_scaling, sliding_window_pattern, ...same } = published
  const newer = {
    ...same,
    layer_types: Array.from({ length: 26 }, (_, i) => ((i + 1) % 6 ? 'sliding_attention' : 'full_attention')),
    rope_parameters: {
      full_attention: { rope_type: 'linear', factor: 8, rope_theta },
      sliding_attention: { rope_type: 'default', rope_theta: rope_local_base_freq },
    },
  }
  const scaled = gemma3.config({ ...published, rope_scaling: { rope_type: 'linear', factor: 8 } })
  expect(gemma3.config(newer)).toEqual(scaled)
  expect(scaled.rope).toEqual({
    full_attention: { theta: 1_000_000, scaling: { ropeType: 'linear', factor: 8 } },
    sliding_attention: { theta: 10_000, scaling: { ropeType: 'default' } },
  })
})

test('yarn of the full layers makes the context longer; sliding ones keep their frequencies, and their window', () => {
  const config = gemma3.config({
    ...published,
    sliding_window: 40_000,
    rope_scaling: { rope_type: 'yarn', factor: 4, original_max_position_embeddings: 32_768 },
  })
  expect(config).toMatchObject({ maxPositions: 131_072, slidingWindow: 40_000, rope: { sliding_attention: { scaling: { ropeType: 'default' } } } })
  expect(config.rope.full_attention.scaling).toMatchObject({ ropeType: 'yarn', factor: 4, originalMaxPositions: 32_768 })
})

test('a window as wide as the context hides nothing, and its layers keep their rotary base', () => {
  const config = gemma3.config({ ...published, max_position_embeddings: 512 })
  expect(gemma3.attention(config).windows).toEqual([null])
  expect(gemma3.spec(config).slidingWindow).toBeUndefined()
  expect(gemma3.spec(gemma3.config(published)).slidingWindow).toBe(512)
  expect(config.layerTypes[0]).toBe('sliding_attention')
})

test('what is not computed is refused', () => {
  const refused = (fields: object, code: string, message: string) =>
    expect(() => gemma3.config({ ...published, ...fields })).toThrowError(expect.objectContaining({ code, message: expect.stringContaining(message) }))
  refused({ final_logit_softcapping: 30 }, 'unsupported_config', 'final_logit_softcapping 30')
  refused({ attn_logit_softcapping: 50 }, 'unsupported_config', 'attn_logit_softcapping 50')
  refused({ use_bidirectional_attention: true }, 'unsupported_config', 'use_bidirectional_attention')
  refused({ hidden_activation: 'mish' }, 'unsupported_config', 'hidden_activation "mish"')
  refused({ layer_types: ['full_attention'] }, 'invalid_config', 'layer_types names 1')
  refused({ rope_parameters: { rope_type: 'default' } }, 'invalid_config', 'rope_parameters')
  refused({ rope_scaling: { rope_type: 'longrope', factor: 2 } }, 'unsupported_config', 'longrope')
  refused(
    { rope_parameters: { full_attention: { rope_type: 'default' } }, rope_scaling: { rope_type: 'linear', factor: 8 } },
    'invalid_config',
    'rope_scaling beside rope_parameters',
  )
  refused({ rope_scaling: { rope_type: 'yarn', factor: 2, truncate: false } }, 'unsupported_config', 'truncate false')
})

test('token embeddings are multiplied by √H in the precision of the weights; a new model has norms of 1', async () => {
  const tensors = tinyTensors(tiny)
  const halved = (dtype: 'BF16' | 'F16'): Record<string, StoredTensor> => ({
    ...tensors,
    'model.embed_tokens.weight': { dtype, shape: [258, 24], bytes: new Uint8Array(258 * 24 * 2) },
  })
  const scaleOf = async (stored: Record<string, StoredTensor>) => {
    const { architecture, config } = await loadModel(writeTinyModel(temporaryFolder(), { config: tiny, tensors: stored }))
    return architecture.embeddingScale!(config)
  }
  expect(await scaleOf(tensors)).toBe(Math.fround(Math.sqrt(24)))
  expect(await scaleOf(halved('BF16'))).toBe(4.90625)
  expect(await scaleOf(halved('F16'))).toBe(4.8984375)
  expect(Object.keys(tensors).filter((name) => gemma3.startsAtZero!(name))).toHaveLength(2 * 6 + 1)
})
