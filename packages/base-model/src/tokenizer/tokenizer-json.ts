import type { Merge } from './merges.ts'
import { byteCharacters } from './words.ts'

/** Ids 0 to 3. The first ends a document, the last two frame a chat message. */
export const SPECIAL_TOKENS = ['<|endoftext|>', '<|pad|>', '<|im_start|>', '<|im_end|>'] as const

/** `tokenizer.json` as the tokenizers libraries read it: special tokens, then bytes, then merges in their order. */
export const tokenizerJson = (merges: readonly Merge[]): object => ({
  version: '1.0',
  truncation: null,
  padding: null,
  added_tokens: SPECIAL_TOKENS.map((content, id) => ({ id, content, single_word: false, lstrip: false, rstrip: false, normalized: false, special: true })),
  normalizer: null,
  pre_tokenizer: { type: 'ByteLevel', add_prefix_space: false, trim_offsets: true, use_regex: true },
  post_processor: null,
  decoder: { type: 'ByteLevel', add_prefix_space: false, trim_offsets: true, use_regex: true },
  model: {
    type: 'BPE',
    dropout: null,
    unk_token: null,
    continuing_subword_prefix: '',
    end_of_word_suffix: '',
    fuse_unk: false,
    byte_fallback: false,
    ignore_merges: false,
    vocab: Object.fromEntries([...SPECIAL_TOKENS, ...byteCharacters, ...merges.map(([left, right]) => left + right)].map((token, id) => [token, id])),
    merges,
  },
})

/** ChatML: every message framed by its role, nothing added that was not said. */
export const tokenizerConfig = {
  tokenizer_class: 'PreTrainedTokenizerFast',
  model_max_length: 1024,
  add_bos_token: false,
  bos_token: '<|endoftext|>',
  eos_token: '<|im_end|>',
  pad_token: '<|pad|>',
  unk_token: '<|endoftext|>',
  clean_up_tokenization_spaces: false,
  chat_template:
    "{% for message in messages %}{{ '<|im_start|>' + message['role'] + '\\n' + message['content'] + '<|im_end|>' + '\\n' }}{% endfor %}{% if add_generation_prompt %}{{ '<|im_start|>assistant\\n' }}{% endif %}",
}
