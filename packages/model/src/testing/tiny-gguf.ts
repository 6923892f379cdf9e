import { modelShape } from '../architectures/architectures.ts'
import { RandomWeights } from '../checkpoint/random.ts'
import { rawConfig } from '../config.ts'
import { byteLevel } from './byte-level.ts'
import { type GgufTensor, type GgufValue, writeGguf } from './gguf.ts'
import { tinyConfig } from './tiny-llama.ts'

export const F32 = 0

export const floats = (shape: readonly number[], values: ArrayLike<number>): GgufTensor => ({
  type: F32,
  shape,
  bytes: new Uint8Array(Float32Array.from(values).buffer),
})

/** Row h·D + 2i + j of llama.cpp's file is row h·D + j·D/2 + i of the weight. */
export function interleaved(values: Float32Array, heads: number, columns: number): Float32Array {
  const size = values.length / columns / heads
  const stored = new Float32Array(values.length)
  for (let head = 0; head < heads; head++)
    for (let i = 0; i < size / 2; i++)
      for (let j = 0; j < 2; j++)
        for (let column = 0; column < columns; column++)
          stored[(head * size + 2 * i + j) * columns + column] = values[(head * size + (j * size) / 2 + i) * columns + column]
  return stored
}

/** The byte-level tokenizer of the other tiny models, as a GGUF has it. */
export function tinyTokenizer(): Record<string, GgufValue> {
  // By id: an object lists keys that are digits first.
  const tokens = Object.entries(byteLevel().definition.model.vocab)
    .sort(([, a], [, b]) => a - b)
    .map(([token]) => token)
  return {
    'tokenizer.ggml.model': 'gpt2',
    'tokenizer.ggml.pre': 'gpt-2',
    'tokenizer.ggml.tokens': tokens,
    'tokenizer.ggml.token_type': { integers: tokens.map((_, id) => (id < 256 ? 1 : 3)) },
    'tokenizer.ggml.merges': [],
    'tokenizer.ggml.bos_token_id': 256,
    'tokenizer.ggml.eos_token_id': 257,
    'tokenizer.ggml.add_bos_token': true,
    'tokenizer.chat_template': '{{ bos_token }}{% for message in messages %}<{{ message.role }}>{{ message.content }}{{ eos_token }}{% endfor %}',
  }
}

/** The tiny llama of `writeTinyModel`, in llama.cpp's names, order and metadata. */
export function tinyGguf(config: typeof tinyConfig = tinyConfig): { metadata: Record<string, GgufValue>; tensors: Record<string, GgufTensor> } {
  const { spec } = modelShape(rawConfig(config))
  const weights = new RandomWeights(spec.weights, { std: 0.3 })
  const name = (of: string): string =>
    of
      .replace('model.embed_tokens', 'token_embd')
      .replace('model.norm', 'output_norm')
      .replace('model.layers.', 'blk.')
      .replace('input_layernorm', 'attn_norm')
      .replace('post_attention_layernorm', 'ffn_norm')
      .replace(/self_attn\.([qkv])_proj/, 'attn_$1')
      .replace('self_attn.o_proj', 'attn_output')
      .replace(/mlp\.(\w+)_proj/, 'ffn_$1')
  const tensors = Object.fromEntries(
    weights.names.map((of) => {
      const shape = weights.shape(of)
      const heads = of.includes('q_proj') ? spec.numHeads : of.includes('k_proj') ? spec.numKeyValueHeads : undefined
      const values = weights.readSync(of)
      return [name(of), floats(shape, heads ? interleaved(values, heads, shape[1]) : values)]
    }),
  )
  const metadata: Record<string, GgufValue> = {
    'general.architecture': 'llama',
    'llama.block_count': config.num_hidden_layers,
    'llama.context_length': config.max_position_embeddings,
    'llama.embedding_length': config.hidden_size,
    'llama.feed_forward_length': config.intermediate_size,
    'llama.attention.head_count': config.num_attention_heads,
    'llama.attention.head_count_kv': config.num_key_value_heads,
    'llama.attention.layer_norm_rms_epsilon': { float: config.rms_norm_eps },
    'llama.rope.freq_base': { float: config.rope_theta },
    'llama.rope.dimension_count': config.hidden_size / config.num_attention_heads,
    ...tinyTokenizer(),
  }
  return { metadata, tensors }
}

export function writeTinyGguf(file: string, change: (model: ReturnType<typeof tinyGguf>) => void = () => {}): string {
  const model = tinyGguf()
  change(model)
  return writeGguf(file, model.metadata, model.tensors)
}
