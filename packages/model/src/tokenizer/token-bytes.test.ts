import { Random } from '@weft/adapters'
import { expect, test } from 'vitest'
import { byteLevel } from '../testing/byte-level.ts'
import { createTokenizer } from './tokenizer.ts'

const bytesOf = (text: string): number[] => [...new TextEncoder().encode(text)]

const levels = (() => {
  const { definition, config } = byteLevel()
  const { vocab } = definition.model
  const characters = new Map(Object.entries(vocab).map(([character, id]) => [id, character]))
  const spell = (text: string) => bytesOf(text).map((byte) => characters.get(byte)!)
  // Tokens as real vocabularies have them: a space with the beginning of a quotation mark, and the rest of one.
  const pieces = [spell(' “').slice(0, 3).join(''), spell('“x').slice(2).join(''), spell('the').join('')]
  const added = pieces.map((piece, i) => [piece, 258 + i] as const)
  return createTokenizer({ ...definition, model: { ...definition.model, vocab: { ...vocab, ...Object.fromEntries(added) } } }, config)
})()

/** As a Llama's: spaces are U+2581, bytes have tokens of their own, and a text's first space is dropped. */
const fallback = (() => {
  const pieces = ['<unk>', ...Array.from({ length: 256 }, (_, byte) => `<0x${byte.toString(16).toUpperCase().padStart(2, '0')}>`), '▁', 'a', '▁the', '▁a']
  return createTokenizer(
    {
      version: '1.0',
      added_tokens: [],
      normalizer: {
        type: 'Sequence',
        normalizers: [
          { type: 'Prepend', prepend: '▁' },
          { type: 'Replace', pattern: { String: ' ' }, content: '▁' },
        ],
      },
      pre_tokenizer: null,
      post_processor: null,
      decoder: {
        type: 'Sequence',
        decoders: [
          { type: 'Replace', pattern: { String: '▁' }, content: ' ' },
          { type: 'ByteFallback' },
          { type: 'Fuse' },
          { type: 'Strip', content: ' ', start: 1, stop: 0 },
        ],
      },
      model: {
        type: 'BPE',
        unk_token: '<unk>',
        byte_fallback: true,
        fuse_unk: true,
        vocab: Object.fromEntries(pieces.map((piece, id) => [piece, id])),
        merges: [['▁', 'a']],
      },
    },
    {},
  )
})()

test('a byte-level token is the bytes that it spells, whole characters or not', () => {
  expect([...levels.bytes(0xe2)]).toEqual([0xe2])
  expect([...levels.bytes(258)]).toEqual([0x20, 0xe2, 0x80])
  expect([...levels.bytes(259)]).toEqual([0x9c, 0x78])
  expect([...levels.bytes(256)]).toEqual(bytesOf('<bos>'))
})

test('with byte fallback a token is its byte or its text, which begins without a space where it begins the text', () => {
  const { idToToken, bytes } = fallback
  const id = (piece: string) => fallback.tokenToId(piece)!
  expect(idToToken(1 + 0xf0)).toBe('<0xF0>')
  expect([...bytes(1 + 0xf0)]).toEqual([0xf0])
  expect([...bytes(id('▁the'))]).toEqual(bytesOf(' the'))
  expect([...bytes(id('▁the'), { first: true })]).toEqual(bytesOf('the'))
  expect([...bytes(id('a'))]).toEqual(bytesOf('a'))
})

test.each([
  ['byte-level', levels],
  ['byte fallback', fallback],
] as const)('the bytes of all tokens, one after another, are the text: %s', (_, tokenizer) => {
  for (const text of ['a the “x” 🙂 ﷽', 'naïve\n\té中', '\uFEFFa']) {
    const ids = tokenizer.encode(text, { addSpecialTokens: false })
    expect(ids.flatMap((id, i) => [...tokenizer.bytes(id, { first: i === 0 })])).toEqual(bytesOf(text))
  }
})

test('whole characters of a token come out at once, and only what begins another one waits', () => {
  const stream = levels.stream()
  expect([258, 259, 0xe2, 0x80].map((id) => stream.push(id))).toEqual([' ', '“x', '', ''])
  expect(stream.flush()).toBe('\uFFFD')
})

test('a stream of any tokens says what decoding them at once says', () => {
  const random = new Random('tokens')
  for (let round = 0; round < 300; round++) {
    const ids = Array.from({ length: 12 }, () => (random.integer(3) === 0 ? 256 + random.integer(5) : random.integer(256)))
    for (const skipSpecialTokens of [true, false]) {
      const stream = levels.stream({ skipSpecialTokens })
      expect(ids.map((id) => stream.push(id)).join('') + stream.flush(), ids.join()).toBe(levels.decode(ids, { skipSpecialTokens }))
    }
  }
})
