import { unsupportedTokenizer } from '../errors.ts'
import type { AddedToken } from '../tokenizer/special-tokens.ts'
import type { MetadataReader } from './metadata.ts'
import { preTokenizations } from './pre-tokenizers.ts'
import { sentencePieceMerges } from './sentencepiece-merges.ts'

type Json = Record<string, any>

export interface GgufTokenizer {
  /** As tokenizer.json has it. */
  definition: Json
  /** `bos_token` and its like. */
  special: Record<string, string>
  /** `eos_token_id` and its like. */
  ids: Json
}

/** What a token is to llama.cpp. */
const KIND = { unknown: 2, control: 3, userDefined: 4 }

/** What ends an answer by its text, as llama.cpp has it: converters write one `eos_token_id`, and of a chat model that is often the end of a text alone. */
const ENDS: ReadonlySet<string> = new Set(
  '<|eot_id|> <|eom_id|> <|im_end|> <|end|> <end_of_turn> <end_of_utterance> <|endoftext|> <|end_of_text|> <EOT>'.split(' '),
)

/**
 * The tokenizer.json that a GGUF's metadata amounts to: byte-level BPE (`gpt2`) of the kinds that are listed, and SentencePiece BPE (`llama`).
 * Throws `unsupported_tokenizer`, `invalid_gguf`.
 */
export function tokenizerJson(read: MetadataReader): GgufTokenizer {
  const model = read.text('tokenizer.ggml.model')
  if (model === undefined) throw unsupportedTokenizer(read.file, 'It holds no tokenizer.')
  if (model !== 'gpt2' && model !== 'llama') throw unsupportedTokenizer(read.file, `Its tokenizer is of kind "${model}"; supported: gpt2, llama.`)
  const tokens = read.texts('tokenizer.ggml.tokens')
  const kinds = read.numbers('tokenizer.ggml.token_type') ?? []
  if (!tokens?.length) throw unsupportedTokenizer(read.file, 'Its tokenizer has no tokens.')
  if (kinds.length > 0 && kinds.length !== tokens.length)
    throw unsupportedTokenizer(read.file, `Its tokenizer has ${tokens.length} tokens and ${kinds.length} token types.`)
  const id = (name: string): number | undefined => {
    const value = read.number(`tokenizer.ggml.${name}_token_id`)
    if (value !== undefined && tokens[value] === undefined) throw unsupportedTokenizer(read.file, `Its ${name} token is ${value}, of ${tokens.length}.`)
    return value
  }
  const [bos, eos, eot, eom, unknown, padding] = ['bos', 'eos', 'eot', 'eom', 'unknown', 'padding'].map(id)
  const added = addedTokens(tokens, kinds)
  const ends = [eos, eot, eom, ...added.filter(({ content }) => ENDS.has(content)).map((token) => token.id)]
  const { addsBos = false, ...parts } = model === 'gpt2' ? byteLevelBpe(read, tokens) : sentencePieceBpe(read, tokens, unknown)
  const around = {
    before: (read.flag('tokenizer.ggml.add_bos_token') ?? addsBos) ? bos : undefined,
    after: read.flag('tokenizer.ggml.add_eos_token') ? eos : undefined,
  }
  const named = { bos_token: bos, eos_token: eos, unk_token: unknown, pad_token: padding }
  const given = <T>(record: Record<string, T | undefined>) => Object.fromEntries(Object.entries(record).filter(([, value]) => value !== undefined))
  return {
    definition: { version: '1.0', added_tokens: added, post_processor: template(tokens, around), ...parts },
    special: given(Object.fromEntries(Object.entries(named).map(([name, at]) => [name, at === undefined ? undefined : tokens[at]]))) as Record<string, string>,
    ids: given<unknown>({ bos_token_id: bos, pad_token_id: padding, eos_token_id: [...new Set(ends)].filter((at) => at !== undefined) }),
  }
}

/** Control tokens, and those that are found in a text before anything else. */
const addedTokens = (tokens: readonly string[], kinds: readonly number[]): (AddedToken & { id: number })[] =>
  tokens.flatMap((content, id) => {
    const special = kinds[id] === KIND.control || kinds[id] === KIND.unknown
    return special || kinds[id] === KIND.userDefined ? [{ id, content, special, single_word: false, lstrip: false, rstrip: false, normalized: false }] : []
  })

function template(tokens: readonly string[], { before, after }: { before: number | undefined; after: number | undefined }): Json | null {
  if (before === undefined && after === undefined) return null
  const special = (id: number | undefined): Json[] => (id === undefined ? [] : [{ SpecialToken: { id: tokens[id], type_id: 0 } }])
  const used = [before, after].filter((id): id is number => id !== undefined)
  return {
    type: 'TemplateProcessing',
    single: [...special(before), { Sequence: { id: 'A', type_id: 0 } }, ...special(after)],
    pair: [],
    special_tokens: Object.fromEntries(used.map((id) => [tokens[id], { id: tokens[id], ids: [id], tokens: [tokens[id]] }])),
  }
}

const vocabulary = (tokens: readonly string[]): Record<string, number> => Object.fromEntries(tokens.map((token, id) => [token, id]))

const bpe = { type: 'BPE', dropout: null, continuing_subword_prefix: null, end_of_word_suffix: null }

function byteLevelBpe(read: MetadataReader, tokens: readonly string[]) {
  const pre = read.text('tokenizer.ggml.pre') ?? 'default'
  const kind = Object.hasOwn(preTokenizations, pre) ? preTokenizations[pre] : undefined
  if (!kind) throw unsupportedTokenizer(read.file, `Its tokenizer cuts texts by the rule "${pre}"; supported: ${Object.keys(preTokenizations).join(', ')}.`)
  const merges = read.texts('tokenizer.ggml.merges')
  if (!merges) throw unsupportedTokenizer(read.file, 'Its tokenizer has no merges.')
  return {
    addsBos: kind.addsBos ?? false,
    normalizer: kind.normalizer ?? null,
    pre_tokenizer: kind.preTokenizer,
    decoder: { type: 'ByteLevel', add_prefix_space: true, trim_offsets: true, use_regex: true },
    model: {
      ...bpe,
      unk_token: null,
      fuse_unk: false,
      byte_fallback: false,
      ignore_merges: kind.ignoreMerges ?? false,
      vocab: vocabulary(tokens),
      merges: merges.map((merge) => merge.split(' ', 2)),
    },
  }
}

function sentencePieceBpe(read: MetadataReader, tokens: readonly string[], unknown: number | undefined) {
  const scores = read.numbers('tokenizer.ggml.scores')
  if (scores?.length !== tokens.length) throw unsupportedTokenizer(read.file, `Its tokenizer has ${tokens.length} tokens and ${scores?.length ?? 0} scores.`)
  const prefixed = read.flag('tokenizer.ggml.add_space_prefix') ?? true
  const replace = { type: 'Replace', pattern: { String: ' ' }, content: '▁' }
  return {
    addsBos: true,
    normalizer: prefixed ? { type: 'Sequence', normalizers: [{ type: 'Prepend', prepend: '▁' }, replace] } : replace,
    pre_tokenizer: null,
    decoder: {
      type: 'Sequence',
      decoders: [
        { type: 'Replace', pattern: { String: '▁' }, content: ' ' },
        { type: 'ByteFallback' },
        { type: 'Fuse' },
        ...(prefixed ? [{ type: 'Strip', content: ' ', start: 1, stop: 0 }] : []),
      ],
    },
    model: {
      ...bpe,
      unk_token: unknown === undefined ? null : tokens[unknown],
      fuse_unk: true,
      byte_fallback: true,
      ignore_merges: false,
      vocab: vocabulary(tokens),
      merges: sentencePieceMerges(tokens, scores),
    },
  }
}
