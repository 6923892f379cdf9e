/** A byte-level BPE without merges: 256 bytes, then `<bos>` and `<eos>`. As real as any tokenizer.json, and small enough to read. */
export function byteLevel() {
  const characters = byteCharacters()
  const special = (id: number, content: string) => ({ id, content, single_word: false, lstrip: false, rstrip: false, normalized: false, special: true })
  const definition = {
    version: '1.0',
    truncation: null,
    padding: null,
    normalizer: null,
    added_tokens: [special(256, '<bos>'), special(257, '<eos>')],
    pre_tokenizer: { type: 'ByteLevel', add_prefix_space: false, trim_offsets: true, use_regex: true },
    post_processor: {
      type: 'TemplateProcessing',
      single: [{ SpecialToken: { id: '<bos>', type_id: 0 } }, { Sequence: { id: 'A', type_id: 0 } }],
      pair: [],
      special_tokens: { '<bos>': { id: '<bos>', ids: [256], tokens: ['<bos>'] } },
    },
    decoder: { type: 'ByteLevel', add_prefix_space: true, trim_offsets: true, use_regex: true },
    model: {
      type: 'BPE',
      dropout: null,
      unk_token: null,
      continuing_subword_prefix: null,
      end_of_word_suffix: null,
      fuse_unk: false,
      vocab: Object.fromEntries([...characters, '<bos>', '<eos>'].map((character, id) => [character, id])),
      merges: [],
    },
  }
  const config = { tokenizer_class: 'PreTrainedTokenizerFast', bos_token: '<bos>', eos_token: { content: '<eos>', special: true }, model_max_length: 128 }
  return { definition, config }
}

/** GPT-2's printable stand-ins: bytes that print stand for themselves, the others follow from U+0100 on. */
function byteCharacters(): string[] {
  let next = 256
  return Array.from({ length: 256 }, (_, byte) => {
    const prints = (byte >= 33 && byte <= 126) || (byte >= 161 && byte <= 172) || byte >= 174
    return String.fromCodePoint(prints ? byte : next++)
  })
}
