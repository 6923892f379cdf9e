import { architectures } from '@weft/model'
import { describe, expect, test } from 'vitest'
import { architectureCases } from './cases/architecture.ts'

const llama = {
  model_type: 'llama',
  hidden_size: 32,
  intermediate_size: 48,
  num_hidden_layers: 2,
  num_attention_heads: 4,
  num_key_value_heads: 2,
  max_position_embeddings: 64,
  rms_norm_eps: 1e-5,
  vocab_size: 64,
  tie_word_embeddings: true,
  rope_theta: 10_000,
}

const gemma3 = { ...llama, model_type: 'gemma3_text', head_dim: 8, query_pre_attn_scalar: 6, sliding_window: 5, rope_theta: 30_000, rope_local_base_freq: 500 }

const smollm3 = { ...llama, model_type: 'smollm3' }

const granite = { ...llama, model_type: 'granite', attention_multiplier: 0.2, residual_multiplier: 0.4, logits_scaling: 2 }

const gpt2 = { model_type: 'gpt2', vocab_size: 64, n_positions: 64, n_embd: 32, n_layer: 2, n_head: 4 }

const bert = {
  model_type: 'bert',
  vocab_size: 64,
  hidden_size: 32,
  num_hidden_layers: 2,
  num_attention_heads: 4,
  intermediate_size: 48,
  max_position_embeddings: 64,
}

const distilbert = { model_type: 'distilbert', vocab_size: 64, dim: 32, n_layers: 2, n_heads: 4, hidden_dim: 48, max_position_embeddings: 64 }

/** One entry per decoder and encoder, with the configs that take it through its options. */
const configs: Record<string, Record<string, Record<string, unknown>>> = {
  llama: {
    'tied, two heads a key': llama,
    'untied, one head a key': { ...llama, num_key_value_heads: 4, tie_word_embeddings: false },
    'all heads on one key, biases everywhere, heads wider than the hidden size': {
      ...llama,
      num_key_value_heads: 1,
      head_dim: 16,
      attention_bias: true,
      mlp_bias: true,
    },
    'llama 3 rotary scaling': {
      ...llama,
      rope_scaling: { rope_type: 'llama3', factor: 8, low_freq_factor: 1, high_freq_factor: 4, original_max_position_embeddings: 16 },
    },
  },
  qwen2: {
    'yarn from a shorter context': {
      ...llama,
      model_type: 'qwen2',
      rope_scaling: { type: 'yarn', factor: 4, original_max_position_embeddings: 16, beta_fast: 2, beta_slow: 0.2 },
    },
    'tied, biases on queries, keys and values': { ...llama, model_type: 'qwen2', sliding_window: 16, use_sliding_window: false },
    'a window from the second layer on': { ...llama, model_type: 'qwen2', sliding_window: 5, use_sliding_window: true, max_window_layers: 1 },
    'untied, all heads on one key': { ...llama, model_type: 'qwen2', num_key_value_heads: 1, tie_word_embeddings: false },
  },
  qwen3: {
    'normed heads': { ...llama, model_type: 'qwen3', head_dim: 8 },
    'normed heads wider than the hidden size, biases': { ...llama, model_type: 'qwen3', head_dim: 16, num_key_value_heads: 1, attention_bias: true },
  },
  smollm3: {
    'the second layer without rotation': { ...smollm3, no_rope_layers: [1, 0] },
    'every second without, which have a window, untied, biases': {
      ...smollm3,
      num_hidden_layers: 4,
      no_rope_layer_interval: 2,
      use_sliding_window: true,
      sliding_window: 5,
      tie_word_embeddings: false,
      attention_bias: true,
      num_key_value_heads: 1,
    },
    'the first layer without, in which a window is not': {
      ...smollm3,
      no_rope_layers: [0, 1],
      use_sliding_window: true,
      sliding_window: 5,
      layer_types: ['full_attention', 'sliding_attention'],
    },
  },
  olmo2: {
    'untied, two heads a key': { ...llama, model_type: 'olmo2', tie_word_embeddings: false },
    'tied, heads wider than the hidden size, one key for all, biases': {
      ...llama,
      model_type: 'olmo2',
      head_dim: 16,
      num_key_value_heads: 1,
      attention_bias: true,
    },
  },
  granite: {
    'tied, two heads a key': { ...granite, embedding_multiplier: 3 },
    'untied, one key for all, biases, llama 3 rotary scaling': {
      ...granite,
      logits_scaling: 0.5,
      num_key_value_heads: 1,
      tie_word_embeddings: false,
      attention_bias: true,
      mlp_bias: true,
      rope_scaling: { rope_type: 'llama3', factor: 8, low_freq_factor: 1, high_freq_factor: 4, original_max_position_embeddings: 16 },
    },
  },
  mistral: {
    'a window of five positions': { ...llama, model_type: 'mistral', tie_word_embeddings: false, sliding_window: 5 },
    'within its window': { ...llama, model_type: 'mistral', tie_word_embeddings: false, sliding_window: 32 },
    'no window, heads wider than the hidden size': { ...llama, model_type: 'mistral', head_dim: 16, sliding_window: null },
  },
  phi3: {
    'fused layers, untied': { ...llama, model_type: 'phi3', tie_word_embeddings: false },
    'three quarters of each head are rotated, a window of five positions': {
      ...llama,
      model_type: 'phi3',
      head_dim: 16,
      partial_rotary_factor: 0.75,
      sliding_window: 5,
    },
  },
  gemma3_text: {
    'a sliding layer, then a full one': { ...gemma3, layer_types: ['sliding_attention', 'full_attention'] },
    'by a pattern, untied, heads wider than the hidden size, linear scaling of the full layers': {
      ...gemma3,
      sliding_window_pattern: 2,
      num_hidden_layers: 4,
      tie_word_embeddings: false,
      head_dim: 16,
      num_key_value_heads: 1,
      rope_scaling: { rope_type: 'linear', factor: 4 },
    },
    'only sliding layers': { ...gemma3, sliding_window_pattern: 3 },
  },
  gpt2: {
    tied: gpt2,
    'untied, a narrow inner layer, exact gelu': { ...gpt2, tie_word_embeddings: false, n_inner: 40, activation_function: 'gelu' },
    'attention scaled otherwise': { ...gpt2, scale_attn_weights: false, scale_attn_by_inverse_layer_idx: true },
  },
  bert: {
    'as published': bert,
    'heads of an odd size, other activations, one token type': { ...bert, hidden_size: 36, hidden_act: 'gelu_new', type_vocab_size: 1, layer_norm_eps: 1e-5 },
  },
  roberta: {
    'as published': { ...bert, model_type: 'roberta', pad_token_id: 1 },
    'positions from another row on, relu': { ...bert, model_type: 'roberta', pad_token_id: 5, hidden_act: 'relu' },
  },
  'xlm-roberta': {
    'as published': { ...bert, model_type: 'xlm-roberta', pad_token_id: 1, type_vocab_size: 1, layer_norm_eps: 1e-5 },
  },
  camembert: {
    'as published': { ...bert, model_type: 'camembert', pad_token_id: 1, type_vocab_size: 1, layer_norm_eps: 1e-5 },
  },
  electra: {
    'as the larger ones are published': { ...bert, model_type: 'electra', embedding_size: 32 },
    'as the small ones are, embeddings narrower than the model': { ...bert, model_type: 'electra', embedding_size: 20 },
  },
  mpnet: {
    'as published': { ...bert, model_type: 'mpnet', pad_token_id: 1, layer_norm_eps: 1e-5 },
    'a larger table than distances have rows of': { ...bert, model_type: 'mpnet', pad_token_id: 1, relative_attention_num_buckets: 40 },
  },
  distilbert: {
    'as published': distilbert,
    'heads of an odd size, relu': { ...distilbert, dim: 36, activation: 'relu' },
  },
}

// An encoder-decoder's two halves are compared beside its engine.
test('every decoder and every encoder is here', () => {
  expect(Object.keys(configs).sort()).toEqual(
    architectures
      .filter(({ encoderDecoder }) => !encoderDecoder)
      .flatMap(({ modelTypes }) => modelTypes)
      .sort(),
  )
})

describe.each(Object.entries(configs))('%s', (_, cases) => architectureCases(cases))
