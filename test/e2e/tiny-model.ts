import { cpSync, mkdirSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { writeSafetensors } from '@weft/adapters'
import { modelShape, RandomWeights, type RawConfig } from '@weft/model'

const bundled = dirname(fileURLToPath(import.meta.resolve('@weft/base-model/package.json')))

const config = {
  architectures: ['LlamaForCausalLM'],
  model_type: 'llama',
  hidden_size: 32,
  intermediate_size: 64,
  num_hidden_layers: 2,
  num_attention_heads: 2,
  num_key_value_heads: 1,
  head_dim: 16,
  hidden_act: 'silu',
  max_position_embeddings: 256,
  rms_norm_eps: 1e-5,
  rope_theta: 10000,
  tie_word_embeddings: true,
  attention_bias: false,
  mlp_bias: false,
  vocab_size: 4096,
  bos_token_id: 0,
  eos_token_id: 0,
  pad_token_id: 1,
  initializer_range: 0.2,
}

/** A real model folder, random and small, so that a test waits for processes and not for arithmetic. */
export const tinyModel = (folder: string): string => {
  mkdirSync(folder, { recursive: true })
  const { spec } = modelShape({ modelType: 'llama', json: config } as unknown as RawConfig)
  const weights = new RandomWeights(spec.weights, { seed: 3, std: 0.2 })
  const tensors = Object.fromEntries(weights.names.map((name) => [name, { shape: weights.shape(name), data: weights.readSync(name) }]))
  writeFileSync(join(folder, 'model.safetensors'), writeSafetensors(tensors, { format: 'pt' }))
  writeFileSync(join(folder, 'config.json'), JSON.stringify(config))
  for (const file of ['tokenizer.json', 'tokenizer_config.json']) cpSync(join(bundled, file), join(folder, file))
  return folder
}
