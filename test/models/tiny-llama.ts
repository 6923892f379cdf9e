import { mkdtempSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type FloatTensor, Random, writeSafetensors } from '@weft/adapters'
import { modelShape, rawConfig } from '@weft/model'

/** Printable ASCII by byte-level BPE, with a few merges so that tokens differ in length; `Ġ` is the space. */
const characters = ['Ġ', ...Array.from({ length: 94 }, (_, i) => String.fromCharCode(33 + i))]
const merges = [
  ['t', 'h'],
  ['th', 'e'],
  ['Ġ', 'a'],
  ['e', 'r'],
  ['i', 'n'],
] as const
const pieces = [...characters, ...merges.map(([a, b]) => a + b), '<eos>']

const tinyConfig = {
  model_type: 'llama',
  architectures: ['LlamaForCausalLM'],
  hidden_size: 32,
  intermediate_size: 48,
  num_hidden_layers: 2,
  num_attention_heads: 4,
  num_key_value_heads: 2,
  max_position_embeddings: 384,
  rms_norm_eps: 1e-5,
  vocab_size: pieces.length,
  tie_word_embeddings: true,
  rope_theta: 10_000,
  eos_token_id: pieces.length - 1,
}

const tokenizer = {
  version: '1.0',
  truncation: null,
  padding: null,
  normalizer: null,
  post_processor: null,
  added_tokens: [{ id: pieces.length - 1, content: '<eos>', single_word: false, lstrip: false, rstrip: false, normalized: false, special: true }],
  pre_tokenizer: { type: 'ByteLevel', add_prefix_space: false, trim_offsets: true, use_regex: true },
  decoder: { type: 'ByteLevel', add_prefix_space: true, trim_offsets: true, use_regex: true },
  model: {
    type: 'BPE',
    dropout: null,
    unk_token: null,
    continuing_subword_prefix: null,
    end_of_word_suffix: null,
    fuse_unk: false,
    vocab: Object.fromEntries(pieces.map((piece, id) => [piece, id])),
    merges: merges.map((pair) => pair.join(' ')),
  },
}

/**
 * Writes a random llama of two layers as an ordinary Hugging Face folder. The weights are large for their sizes, so that
 * attention and positions matter; the end-of-text token is made unlikely, so that generations have their length.
 */
export const writeTinyLlama = (seed = 'tiny'): string => writeTinyModel(tinyConfig, seed)

/** The same with a sliding layer, then a full one, each with a rotary base of its own. */
export const writeTinyGemma3 = (window: number, seed = 'tiny'): string =>
  writeTinyModel(
    {
      ...tinyConfig,
      model_type: 'gemma3_text',
      architectures: ['Gemma3ForCausalLM'],
      head_dim: 8,
      query_pre_attn_scalar: 8,
      sliding_window: window,
      sliding_window_pattern: 2,
      rope_theta: 30_000,
      rope_local_base_freq: 500,
    },
    seed,
  )

/** The same with learned positions; `config` is laid over its config.json. */
export const writeTinyGpt2 = (config: Record<string, unknown> = {}, seed = 'tiny'): string =>
  writeTinyModel(
    {
      model_type: 'gpt2',
      architectures: ['GPT2LMHeadModel'],
      n_embd: 32,
      n_layer: 2,
      n_head: 4,
      n_positions: 384,
      vocab_size: pieces.length,
      eos_token_id: pieces.length - 1,
      ...config,
    },
    seed,
  )

function writeTinyModel(config: Record<string, unknown>, seed: string): string {
  const folder = mkdtempSync(join(tmpdir(), 'weft-tiny-'))
  const { spec, architecture, config: parsed } = modelShape(rawConfig(config))
  const tensors = Object.fromEntries(
    Object.entries(spec.weights).map(([name, shape]) => [
      name,
      randomTensor(shape, `${seed} ${name}`, shape.length === 1 ? 0.2 : 0.35, shape.length === 1 && !name.endsWith('.bias') ? 1 : 0),
    ]),
  )
  const embedding = tensors[architecture.embedding(parsed)].data
  embedding.subarray(embedding.length - spec.hiddenSize).fill(0)
  writeFileSync(join(folder, 'config.json'), JSON.stringify(config))
  writeFileSync(join(folder, 'tokenizer.json'), JSON.stringify(tokenizer))
  writeFileSync(join(folder, 'tokenizer_config.json'), JSON.stringify({ tokenizer_class: 'PreTrainedTokenizerFast', eos_token: '<eos>' }))
  writeFileSync(join(folder, 'model.safetensors'), writeSafetensors(tensors))
  return folder
}

export function randomTensor(shape: number[], seed: string, std = 0.5, mean = 0): FloatTensor {
  const random = new Random(seed)
  return { shape, data: Float32Array.from({ length: shape.reduce((n, d) => n * d, 1) }, () => random.normal(mean, std)) }
}
