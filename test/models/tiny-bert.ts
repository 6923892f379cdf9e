import { mkdtempSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { writeSafetensors } from '@weft/adapters'
import { modelShape, rawConfig } from '@weft/model'
import { randomTensor } from './tiny-llama.ts'

const letters = [...'abcdefghijklmnopqrstuvwxyz'].flatMap((letter) => [letter, `##${letter}`])
const vocabulary = [
  '[PAD]',
  '[UNK]',
  '[CLS]',
  '[SEP]',
  ...letters,
  ...".,!?'-",
  'the',
  'boat',
  'sailor',
  '##ing',
  'call',
  'london',
  'paris',
  'anna',
  'bert',
  'lives',
  'in',
  'and',
]
const special = (content: string) => ({ id: vocabulary.indexOf(content), type_id: 0 })

/** Words from a short list, others letter by letter: `[CLS] … [SEP]`. */
const tokenizer = {
  version: '1.0',
  truncation: null,
  padding: null,
  added_tokens: vocabulary
    .slice(0, 4)
    .map((content, id) => ({ id, content, single_word: false, lstrip: false, rstrip: false, normalized: false, special: true })),
  normalizer: { type: 'BertNormalizer', clean_text: true, handle_chinese_chars: true, strip_accents: null, lowercase: true },
  pre_tokenizer: { type: 'BertPreTokenizer' },
  post_processor: {
    type: 'TemplateProcessing',
    pair: [],
    single: [{ SpecialToken: { id: '[CLS]', type_id: 0 } }, { Sequence: { id: 'A', type_id: 0 } }, { SpecialToken: { id: '[SEP]', type_id: 0 } }],
    special_tokens: Object.fromEntries(['[CLS]', '[SEP]'].map((token) => [token, { id: token, ids: [special(token).id], tokens: [token] }])),
  },
  decoder: { type: 'WordPiece', prefix: '##', cleanup: true },
  model: {
    type: 'WordPiece',
    unk_token: '[UNK]',
    continuing_subword_prefix: '##',
    max_input_chars_per_word: 100,
    vocab: Object.fromEntries(vocabulary.map((token, id) => [token, id])),
  },
}

/** Writes a random encoder of two layers as an ordinary Hugging Face folder. `config` is laid over its config.json; `without` names tensors that the checkpoint lacks. */
export function writeTinyBert(config: Record<string, unknown> = {}, { seed = 'tiny', without = /^$/ } = {}): string {
  const json = {
    model_type: 'bert',
    architectures: ['BertModel'],
    hidden_size: 32,
    intermediate_size: 48,
    num_hidden_layers: 2,
    num_attention_heads: 4,
    max_position_embeddings: 64,
    vocab_size: vocabulary.length,
    pad_token_id: 0,
    initializer_range: 0.2,
    ...config,
  }
  const folder = mkdtempSync(join(tmpdir(), 'weft-tiny-'))
  const { spec } = modelShape(rawConfig(json))
  const tensors = Object.fromEntries(
    Object.entries(spec.weights)
      .filter(([name]) => !without.test(name))
      .map(([name, shape]) => [
        name,
        randomTensor(shape, `${seed} ${name}`, shape.length === 1 ? 0.2 : 0.3, shape.length === 1 && !name.endsWith('.bias') ? 1 : 0),
      ]),
  )
  writeFileSync(join(folder, 'config.json'), JSON.stringify(json))
  writeFileSync(join(folder, 'tokenizer.json'), JSON.stringify(tokenizer))
  writeFileSync(join(folder, 'tokenizer_config.json'), JSON.stringify({ tokenizer_class: 'BertTokenizer' }))
  writeFileSync(join(folder, 'model.safetensors'), writeSafetensors(tensors))
  return folder
}
