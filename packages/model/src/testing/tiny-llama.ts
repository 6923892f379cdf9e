import { mkdirSync, mkdtempSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { modelShape } from '../architectures/architectures.ts'
import { RandomWeights } from '../checkpoint/random.ts'
import { rawConfig } from '../config.ts'
import { byteLevel } from './byte-level.ts'
import { float32, type StoredTensor, writeSafetensors } from './safetensors.ts'

export const tinyConfig = {
  model_type: 'llama',
  architectures: ['LlamaForCausalLM'],
  hidden_size: 16,
  intermediate_size: 24,
  num_hidden_layers: 2,
  num_attention_heads: 4,
  num_key_value_heads: 2,
  max_position_embeddings: 64,
  rms_norm_eps: 1e-5,
  vocab_size: 258,
  tie_word_embeddings: true,
  rope_theta: 10_000,
  initializer_range: 0.3,
}

export const temporaryFolder = (): string => mkdtempSync(join(tmpdir(), 'weft-model-'))

/** The tensors of a random llama, by name. */
export function tinyTensors(config: Record<string, unknown> = tinyConfig): Record<string, StoredTensor> {
  const { spec } = modelShape(rawConfig(config))
  const weights = new RandomWeights(spec.weights, { std: 0.3 })
  return Object.fromEntries(weights.names.map((name) => [name, float32(weights.shape(name), weights.readSync(name))]))
}

/** Writes an ordinary Hugging Face folder: config, tokenizer and a random checkpoint. */
export function writeTinyModel(folder: string, { config = tinyConfig as Record<string, unknown>, tensors = tinyTensors(config) } = {}): string {
  mkdirSync(folder, { recursive: true })
  const tokenizer = byteLevel()
  writeFileSync(join(folder, 'config.json'), JSON.stringify(config))
  writeFileSync(join(folder, 'tokenizer.json'), JSON.stringify(tokenizer.definition))
  writeFileSync(join(folder, 'tokenizer_config.json'), JSON.stringify(tokenizer.config))
  writeSafetensors(join(folder, 'model.safetensors'), tensors)
  return folder
}
