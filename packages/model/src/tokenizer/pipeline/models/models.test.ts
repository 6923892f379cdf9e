import * as library from '@huggingface/tokenizers'
import { Random } from '@weft/adapters'
import { describe, expect, test, vi } from 'vitest'
import type { Definition } from '../definition.ts'
import { createModel } from '../models.ts'
import { Pairs } from './pairs.ts'

/** The models of Hugging Face's library in JavaScript, piece by piece. */
const { BPE, Unigram, WordPiece } = library as unknown as Record<string, new (definition: Definition) => { encode(pieces: string[]): string[] }>

const CHARACTERS = ['a', 'b', 'c', 'é', '你', '😀', '\u0301', '▁']
const UNKNOWN = ['z', '🎈', '\u0000']

const random = new Random('models')
const pick = <T>(from: readonly T[]): T => from[random.integer(from.length)]
const text = (most: number, from = CHARACTERS): string => Array.from({ length: 1 + random.integer(most) }, () => pick(from)).join('')
/** Of few characters, of all of them, of some that no vocabulary has. */
const piece = (): string => text(pick([4, 12, 200]), pick([['a'], ['a', 'b'], CHARACTERS, [...CHARACTERS, ...UNKNOWN]]))
const numbered = (tokens: Iterable<string>): Record<string, number> => Object.fromEntries([...new Set(tokens)].map((token, id) => [token, id]))
const bytes = Array.from({ length: 256 }, (_, byte) => `<0x${byte.toString(16).toUpperCase().padStart(2, '0')}>`)

/** A vocabulary that merges make, with some characters left out. */
function learned(): { vocab: string[]; merges: [string, string][] } {
  const vocab = CHARACTERS.filter(() => random.uniform() < 0.9)
  if (vocab.length === 0) vocab.push('a')
  const merges = Array.from({ length: random.integer(40) }, (): [string, string] => {
    const merge: [string, string] = [pick(vocab), pick(vocab)]
    vocab.push(merge.join(''))
    return merge
  })
  return { vocab, merges }
}

const ROUNDS = Array.from({ length: 100 }, (_, round) => round)

describe('tokens are those of the library, whatever the vocabulary', () => {
  test.each(['plain', 'ignoring merges', 'word ends', 'bytes', 'some bytes', 'written merges'])('BPE: %s', (kind) => {
    for (const _ of ROUNDS) {
      const { vocab, merges } = learned()
      const definition: Definition = {
        type: 'BPE',
        unk_token: '<unk>',
        vocab: numbered([
          '<unk>',
          ...vocab,
          ...(kind === 'bytes' ? bytes : kind === 'some bytes' ? bytes.slice(0, 200) : []),
          ...(kind === 'word ends' ? vocab.map((token) => `${token}</w>`) : []),
        ]),
        merges: [...merges, ...(kind === 'word ends' ? merges.map(([left, right]) => [left, `${right}</w>`]) : [])],
        byte_fallback: kind.endsWith('bytes'),
        ignore_merges: kind === 'ignoring merges',
        ...(kind === 'word ends' && { end_of_word_suffix: '</w>' }),
      }
      if (kind === 'written merges') definition.merges = merges.map((merge) => merge.join(' '))
      same(definition, new BPE(definition))
    }
  })

  test('WordPiece', () => {
    for (const _ of ROUNDS) {
      const tokens = Array.from({ length: 40 }, () => text(5))
      const vocab = numbered([
        '[UNK]',
        ...CHARACTERS.filter(() => random.uniform() < 0.9),
        ...tokens,
        ...tokens.map((token) => `##${token}`),
        ...CHARACTERS.map((each) => `##${each}`),
      ])
      const definition = { type: 'WordPiece', unk_token: '[UNK]', continuing_subword_prefix: '##', max_input_chars_per_word: pick([3, 100]), vocab }
      same(definition, new WordPiece(definition))
    }
  })

  test.each([false, true])('Unigram, with bytes: %s', (byte_fallback) => {
    for (const _ of ROUNDS) {
      const tokens = new Set([
        '<unk>',
        ...CHARACTERS.filter(() => random.uniform() < 0.9),
        ...Array.from({ length: 40 }, () => text(5)),
        ...(byte_fallback ? bytes : []),
      ])
      // Sums of such are exact, and often equal: which of equal ones is taken shows.
      const vocab = [...tokens].map((token) => [token, -random.integer(64) / 4])
      const definition = { type: 'Unigram', unk_id: 0, vocab }
      const written = new Unigram(definition)
      const ids = new Map(vocab.map(([token], id) => [token as string, id]))
      const model = createModel(definition)
      for (let i = 0; i < 10; i++) {
        const asked = piece()
        const expected = written.encode([asked]).map((token) => ids.get(token) ?? 0)
        // The library gives unknown characters one by one.
        expect({ asked, ids: model.encode(asked) }).toEqual({ asked, ids: expected.filter((id, at) => id !== 0 || expected[at - 1] !== 0) })
      }
    }
  })

  function same(definition: Definition, written: { encode(pieces: string[]): string[] }): void {
    const model = createModel(definition)
    for (let i = 0; i < 10; i++) {
      const asked = piece()
      expect({ asked, ids: model.encode(asked) }).toEqual({ asked, ids: written.encode([asked]).map((token) => definition.vocab[token]) })
    }
  }
})

test('what a piece costs grows with it alone: a word may be a whole text, and many words as long as they may be', () => {
  const asked = vi.spyOn(Pairs.prototype, 'get')
  const cost = (definition: Definition, written: string): number => {
    const model = createModel(definition)
    asked.mockClear()
    model.encode(written)
    return asked.mock.calls.length
  }
  const long = 'ab'.repeat(10_000)
  const merges = [['a', 'b'], ...Array.from({ length: 5 }, (_, i) => Array(2).fill('ab'.repeat(2 ** i)))]
  expect(cost({ type: 'BPE', vocab: numbered(['a', 'b', ...merges.map((merge) => merge.join(''))]), merges }, long)).toBeLessThanOrEqual(3 * long.length)
  const vocab = ['<unk>', 'a', 'b', 'ab', 'aba']
  expect(cost({ type: 'Unigram', unk_id: 0, vocab: vocab.map((token, id) => [token, -id]) }, long)).toBeLessThanOrEqual(4 * long.length)
  const pieces = numbered(vocab.flatMap((token) => [token, `##${token}`]))
  const word = 'ab'.repeat(50)
  expect(cost({ type: 'WordPiece', unk_token: '<unk>', continuing_subword_prefix: '##', vocab: pieces }, word)).toBeLessThanOrEqual(4 * word.length)
  asked.mockRestore()
})
