import { expect, test } from 'vitest'
import { createTokenizer } from '../tokenizer/tokenizer.ts'
import { metadataOf } from './metadata.ts'
import { sentencePieceMerges } from './sentencepiece-merges.ts'
import { tokenizerJson } from './tokenizer-json.ts'

const tokenizerOf = (metadata: Record<string, unknown>) => {
  const { definition, special, ids } = tokenizerJson(metadataOf('a.gguf', metadata))
  return createTokenizer(definition, special, ids)
}

const bytes = Array.from({ length: 256 }, (_, byte) => `<0x${byte.toString(16).toUpperCase().padStart(2, '0')}>`)
const pieces: [piece: string, score: number, kind: number][] = [
  ['<unk>', 0, 2],
  ['<s>', 0, 3],
  ['</s>', 0, 3],
  ...bytes.map((byte): [string, number, number] => [byte, 0, 6]),
  ['▁', -10, 1],
  ['a', -11, 1],
  ['b', -12, 1],
  ['c', -13, 1],
  ['bc', -1, 1],
  ['ab', -2, 1],
  ['▁a', -3, 1],
  ['abc', -4, 1],
  ['▁abc', -5, 1],
  ['<turn>', 0, 4],
]
const sentencePiece = (more: Record<string, unknown> = {}) => ({
  'tokenizer.ggml.model': 'llama',
  'tokenizer.ggml.tokens': pieces.map(([piece]) => piece),
  'tokenizer.ggml.scores': pieces.map(([, score]) => score),
  'tokenizer.ggml.token_type': pieces.map(([, , kind]) => kind),
  'tokenizer.ggml.unknown_token_id': 0,
  'tokenizer.ggml.bos_token_id': 1,
  'tokenizer.ggml.eos_token_id': 2,
  ...more,
})

test('SentencePiece joins by score: what has the highest goes first', () => {
  expect(sentencePieceMerges(['a', 'b', 'c', 'bc', 'ab', 'abc'], [-9, -9, -9, -1, -2, -4])).toEqual([
    ['b', 'c'],
    ['a', 'b'],
    ['ab', 'c'],
    ['a', 'bc'],
  ])
  const tokenizer = tokenizerOf(sentencePiece())
  const words = (text: string) => tokenizer.encode(text).map((id) => tokenizer.idToToken(id))
  expect(words('abc')).toEqual(['<s>', '▁abc'])
  expect(words('ab')).toEqual(['<s>', '▁', 'ab'])
  expect(words('a<turn>é')).toEqual(['<s>', '▁a', '<turn>', '▁', '<0xC3>', '<0xA9>'])
  expect(tokenizer.decode(tokenizer.encode('abc é'))).toBe('abc é')
  expect(tokenizer).toMatchObject({ bosTokenId: 1, eosTokenIds: [2], padTokenId: null })
})

test('a space before a text, a BOS and an EOS are as the metadata says', () => {
  const tokenizer = tokenizerOf(
    sentencePiece({ 'tokenizer.ggml.add_space_prefix': false, 'tokenizer.ggml.add_bos_token': false, 'tokenizer.ggml.add_eos_token': true }),
  )
  expect(tokenizer.encode('bc').map((id) => tokenizer.idToToken(id))).toEqual(['bc', '</s>'])
  expect(tokenizer.decode(tokenizer.encode(' bc'))).toBe(' bc')
})

test('an answer ends with every token that ends one, whichever the metadata names', () => {
  const ends = (texts: [content: string, kind: number][], more: Record<string, unknown> = {}) => {
    const all = sentencePiece({
      'tokenizer.ggml.tokens': [...pieces.map(([piece]) => piece), ...texts.map(([content]) => content)],
      'tokenizer.ggml.scores': [...pieces.map(([, score]) => score), ...texts.map(() => 0)],
      'tokenizer.ggml.token_type': [...pieces.map(([, , kind]) => kind), ...texts.map(([, kind]) => kind)],
      ...more,
    })
    const { eosTokenIds, idToToken } = tokenizerOf(all)
    return eosTokenIds.map(idToToken)
  }
  // Gemma's files name the end of a text alone.
  const gemma: [string, number][] = [
    ['<start_of_turn>', 3],
    ['<end_of_turn>', 3],
  ]
  expect(ends(gemma)).toEqual(['</s>', '<end_of_turn>'])
  expect(ends([['<|im_end|>', 4]])).toEqual(['</s>', '<|im_end|>'])
  // A piece that a text happens to hold is none.
  expect(ends([['<|im_end|>', 1]])).toEqual(['</s>'])
  expect(ends([], { 'tokenizer.ggml.eot_token_id': 1, 'tokenizer.ggml.eom_token_id': 0 })).toEqual(['</s>', '<s>', '<unk>'])
})

test('the kinds of byte-level BPE cut digits and contractions each in its way', () => {
  const tokens = ['1', '2', '3', '4', 'Ġ', 'A', "'", 'S', '12', '123', '1234', "'S", 'e', 'Ì', 'ģ', 'Ã', '©']
  const made = (pre: string) =>
    tokenizerOf({
      'tokenizer.ggml.model': 'gpt2',
      'tokenizer.ggml.pre': pre,
      'tokenizer.ggml.tokens': tokens,
      'tokenizer.ggml.merges': ['1 2', '12 3', '123 4', "' S"],
    })
  const words = (pre: string, text: string) =>
    made(pre)
      .encode(text)
      .map((id) => tokens[id])
  expect(words('gpt-2', "1234A'S")).toEqual(['1234', 'A', "'", 'S'].map((token) => token))
  expect(words('smollm', '1234')).toEqual(['1', '2', '3', '4'])
  expect(words('llama-bpe', "1234A'S")).toEqual(['123', '4', 'A', "'S"])
  expect(words('qwen2', "1234A'S")).toEqual(['1', '2', '3', '4', 'A', "'S"])
  // NFC, which only Qwen's asks for
  expect(words('qwen2', 'e\u0301')).toEqual(['Ã', '©'])
})

test.each([
  ['gpt-2', ['12345']],
  ['refact', ['1', '2', '3', '4', '5']],
  ['smaug-bpe', ['123', '45']],
  ['dbrx', ['123', '45']],
  ['llama-bpe', ['<s>', '123', '45']],
])('digits are cut as the file says: %s', (pre, expected) => {
  const tokens = ['<s>', '1', '2', '3', '4', '5', '12', '123', '45', '12345']
  const tokenizer = tokenizerOf({
    'tokenizer.ggml.model': 'gpt2',
    'tokenizer.ggml.pre': pre,
    'tokenizer.ggml.tokens': tokens,
    'tokenizer.ggml.token_type': tokens.map((_, id) => (id === 0 ? 3 : 1)),
    'tokenizer.ggml.merges': ['1 2', '12 3', '4 5', '123 45'],
    'tokenizer.ggml.bos_token_id': 0,
  })
  expect(tokenizer.encode('12345').map((id) => tokenizer.idToToken(id))).toEqual(expected)
})
