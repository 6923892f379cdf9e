import { expect, test } from 'vitest'
import { createTokenizer } from './tokenizer.ts'
import { encodeWithin, encodeWords, surroundings, wordsOf } from './word-pieces.ts'

const pieces = ['[PAD]', '[UNK]', '[CLS]', '[SEP]', 'eu', 'reject', '##s', 'german', 'call', '##ing', '.', 'a']
const bert = createTokenizer(
  {
    version: '1.0',
    added_tokens: pieces
      .slice(0, 4)
      .map((content, id) => ({ id, content, special: true, single_word: false, lstrip: false, rstrip: false, normalized: false })),
    normalizer: { type: 'BertNormalizer', clean_text: true, handle_chinese_chars: true, strip_accents: null, lowercase: true },
    pre_tokenizer: { type: 'BertPreTokenizer' },
    post_processor: {
      type: 'TemplateProcessing',
      pair: [],
      single: [{ SpecialToken: { id: '[CLS]', type_id: 0 } }, { Sequence: { id: 'A', type_id: 0 } }, { SpecialToken: { id: '[SEP]', type_id: 0 } }],
      special_tokens: { '[CLS]': { id: '[CLS]', ids: [2], tokens: ['[CLS]'] }, '[SEP]': { id: '[SEP]', ids: [3], tokens: ['[SEP]'] } },
    },
    decoder: { type: 'WordPiece', prefix: '##', cleanup: true },
    model: {
      type: 'WordPiece',
      unk_token: '[UNK]',
      continuing_subword_prefix: '##',
      max_input_chars_per_word: 100,
      vocab: Object.fromEntries(pieces.map((piece, id) => [piece, id])),
    },
  },
  {},
)

test('special tokens stay around a text that is cut', () => {
  expect(surroundings(bert)).toEqual({ before: [2], after: [3] })
  expect(encodeWithin(bert, 'EU rejects German call', 9)).toEqual({ tokens: [2, 4, 5, 6, 7, 8, 3], cut: false })
  expect(encodeWithin(bert, 'EU rejects German call', 4)).toEqual({ tokens: [2, 4, 5, 3], cut: true })
  expect(encodeWithin(bert, 'EU rejects', 1)).toEqual({ tokens: [2], cut: true })
})

test('a word is known by its first piece, also where it has several or none', () => {
  expect(encodeWords(bert, ['EU', 'rejects', '\u0007', 'German', 'calling', '.'], 20)).toEqual({
    tokens: [2, 4, 5, 6, 7, 8, 9, 10, 3],
    firstPieces: [1, 2, -1, 4, 5, 7],
    cut: false,
  })
})

test('words that do not fit whole are cut, and those after them', () => {
  expect(encodeWords(bert, ['EU', 'rejects', 'EU'], 5)).toEqual({ tokens: [2, 4, 5, 6, 3], firstPieces: [1, 2, -1], cut: true })
  expect(encodeWords(bert, ['EU', 'rejects', 'EU'], 4)).toEqual({ tokens: [2, 4, 3], firstPieces: [1, -1, -1], cut: true })
})

test('words of a text, and where they stand', () => {
  const text = 'The U.N.’s mother-in-law, 3.5 été 𝄞!'
  expect(wordsOf(text).map(({ word }) => word)).toEqual(['The', 'U', '.', 'N', '.', '’', 's', 'mother-in-law', ',', '3', '.', '5', 'été', '𝄞', '!'])
  for (const { word, start, end } of wordsOf(text)) expect(text.slice(start, end)).toBe(word)
})
