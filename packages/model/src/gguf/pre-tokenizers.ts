type Json = Record<string, unknown>

const byteLevel = (useRegex: boolean): Json => ({ type: 'ByteLevel', add_prefix_space: false, trim_offsets: true, use_regex: useRegex })

const digitsThenBytes: Json = { type: 'Sequence', pretokenizers: [{ type: 'Digits', individual_digits: true }, byteLevel(true)] }

/** Contractions, words with the sign before them, up to `digits` digits, other signs, spaces: cl100k's expression. */
const words = (digits: string): Json => ({
  type: 'Sequence',
  pretokenizers: [
    {
      type: 'Split',
      pattern: {
        Regex: `(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\\r\\n\\p{L}\\p{N}]?\\p{L}+|${digits}| ?[^\\s\\p{L}\\p{N}]+[\\r\\n]*|\\s*[\\r\\n]+|\\s+(?!\\S)|\\s+`,
      },
      behavior: 'Isolated',
      invert: false,
    },
    byteLevel(false),
  ],
})

/** How a kind of byte-level BPE cuts a text before it merges. */
export interface PreTokenization {
  preTokenizer: Json
  normalizer?: Json
  /** A piece that is a token is taken whole, whatever its merges make. */
  ignoreMerges?: true
  /** Puts a BOS before a text where the file does not say. */
  addsBos?: true
}

const shortDigits: PreTokenization = { preTokenizer: words('\\p{N}{1,3}') }
const llama3: PreTokenization = { ...shortDigits, ignoreMerges: true, addsBos: true }
const qwen: PreTokenization = { preTokenizer: words('\\p{N}'), normalizer: { type: 'NFC' } }
const starcoder: PreTokenization = { preTokenizer: digitsThenBytes }

/** By `tokenizer.ggml.pre`. */
export const preTokenizations: Readonly<Record<string, PreTokenization>> = {
  'gpt-2': { preTokenizer: byteLevel(true) },
  smollm: starcoder,
  starcoder,
  refact: starcoder,
  'llama-bpe': llama3,
  llama3,
  'llama-v3': llama3,
  'smaug-bpe': shortDigits,
  dbrx: shortDigits,
  qwen2: qwen,
  'deepseek-r1-qwen': { ...qwen, normalizer: undefined },
}
