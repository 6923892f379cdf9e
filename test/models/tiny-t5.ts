import { mkdtempSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { writeSafetensors } from '@weft/adapters'
import { modelShape, rawConfig } from '@weft/model'
import { randomTensor } from './tiny-llama.ts'

const characters = ['<pad>', '</s>', ...'abcdefghijklmnopqrstuvwxyz .']

/** Heads that together are wider than the model, in a decoder deeper than its encoder: what is alike by accident elsewhere differs here. */
const tinyT5Config = {
  model_type: 't5',
  architectures: ['T5ForConditionalGeneration'],
  d_model: 16,
  d_kv: 6,
  d_ff: 24,
  num_heads: 3,
  num_layers: 2,
  num_decoder_layers: 3,
  vocab_size: characters.length,
  relative_attention_num_buckets: 8,
  relative_attention_max_distance: 16,
  decoder_start_token_id: 0,
  pad_token_id: 0,
  eos_token_id: 1,
  n_positions: 96,
}

/** A letter a token; whether the end of a text gets its token from the tokenizer is up to `ends`. */
const tokenizer = (ends: boolean) => ({
  version: '1.0',
  truncation: null,
  padding: null,
  normalizer: null,
  post_processor: ends
    ? {
        type: 'TemplateProcessing',
        single: [{ Sequence: { id: 'A', type_id: 0 } }, { SpecialToken: { id: '</s>', type_id: 0 } }],
        pair: [{ Sequence: { id: 'A', type_id: 0 } }, { Sequence: { id: 'B', type_id: 0 } }],
        special_tokens: { '</s>': { id: '</s>', ids: [1], tokens: ['</s>'] } },
      }
    : null,
  added_tokens: [0, 1].map((id) => ({ id, content: characters[id], special: true, single_word: false, lstrip: false, rstrip: false, normalized: false })),
  pre_tokenizer: { type: 'Split', pattern: { String: '' }, behavior: 'Isolated', invert: false },
  decoder: { type: 'Fuse' },
  model: { type: 'BPE', unk_token: '<pad>', vocab: Object.fromEntries(characters.map((c, i) => [c, i])), merges: [] },
})

/** Writes a random T5 as an ordinary Hugging Face folder; `config` is laid over its config.json. */
export function writeTinyT5(config: Record<string, unknown> = {}, { ends = true, seed = 'tiny' } = {}): string {
  const folder = mkdtempSync(join(tmpdir(), 'weft-tiny-t5-'))
  const json = { ...tinyT5Config, ...config }
  const { spec } = modelShape(rawConfig(json))
  const tensors = Object.fromEntries(
    Object.entries(spec.weights).map(([name, shape]) => [
      name,
      randomTensor(shape, `${seed} ${name}`, shape.length === 1 ? 0.2 : name.endsWith('relative_attention_bias.weight') ? 1 : 0.3, shape.length === 1 ? 1 : 0),
    ]),
  )
  writeFileSync(join(folder, 'config.json'), JSON.stringify(json))
  writeFileSync(join(folder, 'tokenizer.json'), JSON.stringify(tokenizer(ends)))
  writeFileSync(join(folder, 'tokenizer_config.json'), JSON.stringify({ tokenizer_class: 'PreTrainedTokenizerFast', eos_token: '</s>', pad_token: '<pad>' }))
  writeFileSync(join(folder, 'model.safetensors'), writeSafetensors(tensors))
  return folder
}
