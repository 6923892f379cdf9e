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
const bert = {
  model_type: 'bert',
  vocab_size: 64,
  hidden_size: 32,
  num_hidden_layers: 2,
  num_attention_heads: 4,
  intermediate_size: 48,
  max_position_embeddings: 64,
  pad_token_id: 0,
}

/** A tiny config.json of every architecture. */
export const tinyConfigs: Record<string, Record<string, unknown>> = {
  llama,
  qwen2: { ...llama, model_type: 'qwen2', num_key_value_heads: 1 },
  qwen3: { ...llama, model_type: 'qwen3', head_dim: 16 },
  mistral: { ...llama, model_type: 'mistral', tie_word_embeddings: false, sliding_window: 5 },
  gpt2: { model_type: 'gpt2', vocab_size: 64, n_positions: 64, n_embd: 32, n_layer: 2, n_head: 4 },
  bert,
  roberta: { ...bert, model_type: 'roberta', pad_token_id: 1 },
  t5: {
    model_type: 't5',
    vocab_size: 64,
    d_model: 32,
    d_kv: 8,
    d_ff: 48,
    num_layers: 2,
    num_heads: 4,
    relative_attention_num_buckets: 8,
    relative_attention_max_distance: 16,
    decoder_start_token_id: 0,
    pad_token_id: 0,
  },
}
