import { mkdtempSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

/** What it can read: one token each. */
export const letters: readonly string[] = [...'abcdefghijklmnopqrstuvwxyz .']
const pieces = ['<end>', ...letters]

const config = {
  model_type: 'llama',
  hidden_size: 16,
  intermediate_size: 32,
  num_hidden_layers: 2,
  num_attention_heads: 2,
  num_key_value_heads: 1,
  head_dim: 8,
  max_position_embeddings: 48,
  rms_norm_eps: 1e-5,
  tie_word_embeddings: true,
  vocab_size: pieces.length,
  eos_token_id: 0,
  initializer_range: 0.3,
}

const tokenizer = {
  version: '1.0',
  truncation: null,
  padding: null,
  normalizer: null,
  post_processor: null,
  added_tokens: [{ id: 0, content: '<end>', special: true, single_word: false, lstrip: false, rstrip: false, normalized: false }],
  pre_tokenizer: { type: 'Split', pattern: { String: '' }, behavior: 'Isolated', invert: false },
  decoder: { type: 'Fuse' },
  model: { type: 'BPE', unk_token: '<end>', vocab: Object.fromEntries(pieces.map((piece, id) => [piece, id])), merges: [] },
}

/**
 * Writes config and tokenizer of a llama that reads letter by letter, small enough to train in a test, into a folder that the
 * caller removes. Without a checkpoint: load its `config.json` with a seed.
 */
export function writeLettersLlama(): string {
  const folder = mkdtempSync(join(tmpdir(), 'weft-letters-'))
  writeFileSync(join(folder, 'config.json'), JSON.stringify(config))
  writeFileSync(join(folder, 'tokenizer.json'), JSON.stringify(tokenizer))
  return folder
}
