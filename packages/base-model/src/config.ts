/** `config.json` of the bundled model: 5.5 million parameters in the llama architecture. */
export const config = {
  architectures: ['LlamaForCausalLM'],
  model_type: 'llama',
  hidden_size: 256,
  intermediate_size: 704,
  num_hidden_layers: 6,
  num_attention_heads: 4,
  num_key_value_heads: 2,
  head_dim: 64,
  hidden_act: 'silu',
  max_position_embeddings: 1024,
  rms_norm_eps: 1e-5,
  rope_theta: 10000,
  tie_word_embeddings: true,
  attention_bias: false,
  mlp_bias: false,
  vocab_size: 4096,
  bos_token_id: 0,
  eos_token_id: 0,
  pad_token_id: 1,
  initializer_range: 0.02,
  torch_dtype: 'float16',
}

/** `generation_config.json`: a document's end and a message's end both stop. */
export const generationConfig = { bos_token_id: 0, eos_token_id: [0, 3], pad_token_id: 1 }
