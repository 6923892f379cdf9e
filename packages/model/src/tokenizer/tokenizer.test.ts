import { expect, test } from 'vitest'
import { byteLevel } from '../testing/byte-level.ts'
import { specialTokens, withAddedTokens } from './special-tokens.ts'
import { createTokenizer } from './tokenizer.ts'

const { definition, config } = byteLevel()
const tokenizer = createTokenizer(definition, config)

test('encodes with and without the special tokens around a text', () => {
  expect(tokenizer.encode('hi')).toEqual([256, 104, 105])
  expect(tokenizer.encode('hi', { addSpecialTokens: false })).toEqual([104, 105])
  expect(tokenizer.encode('<eos>', { addSpecialTokens: false })).toEqual([257])
})

test('decodes, with special tokens on request', () => {
  expect(tokenizer.decode([256, 104, 105, 257])).toBe('hi')
  expect(tokenizer.decode([256, 104, 257], { skipSpecialTokens: false })).toBe('<bos>h<eos>')
  expect(tokenizer.decode([])).toBe('')
})

test('text survives the round trip byte for byte', () => {
  const text = "naïve 🙂 ﷽  two  spaces\n\ttab don't 中文"
  expect(tokenizer.decode(tokenizer.encode(text))).toBe(text)
})

test('a stream never ends within a character', () => {
  const text = 'a🙂é中b'
  const stream = tokenizer.stream()
  const waits: boolean[] = []
  const parts = tokenizer.encode(text, { addSpecialTokens: false }).map((id) => {
    const part = stream.push(id)
    waits.push(stream.waiting)
    return part
  })
  expect(waits).toEqual(parts.map((part) => part === ''))
  expect(parts.filter(Boolean)).toEqual([...text])
  expect(parts.join('')).toBe(text)
  expect(stream.flush()).toBe('')
})

test('what never became a character comes out at the end, and bad bytes do not stall a stream', () => {
  const [first] = tokenizer.encode('🙂', { addSpecialTokens: false })
  const stream = tokenizer.stream()
  expect(stream.push(first)).toBe('')
  expect(stream.flush()).toBe('\uFFFD')
  expect(stream.flush()).toBe('')
  const bad = tokenizer.stream()
  expect(Array.from({ length: 40 }, () => bad.push(first)).join('')).toContain('\uFFFD')
})

test("special ids: the model's own win, the tokenizer's names add to the ends", () => {
  expect(tokenizer).toMatchObject({ bosTokenId: 256, eosTokenIds: [257], padTokenId: null, vocabSize: 258 })
  const other = createTokenizer(definition, config, { eos_token_id: [7, 8], bos_token_id: 0, pad_token_id: 3 })
  expect(other).toMatchObject({ bosTokenId: 0, eosTokenIds: [7, 8, 257], padTokenId: 3 })
})

test('a broken tokenizer.json is named', () => {
  expect(() => createTokenizer({ model: { type: 'Nonsense' } }, {}, {}, '/m/tokenizer.json')).toThrowError(
    expect.objectContaining({ code: 'invalid_tokenizer', message: expect.stringContaining('/m/tokenizer.json') }),
  )
})

test('an added token of the vocabulary counts once, and one beside it is found by its text and its id', () => {
  const { added_tokens: added, model } = definition
  const inside = { id: model.vocab.a, content: 'a', special: false, normalized: false }
  const beside = { id: 300, content: '<mark>', special: true, normalized: false }
  const marked = createTokenizer({ ...definition, added_tokens: [...added, inside, beside] }, config)
  expect(marked.vocabSize).toBe(tokenizer.vocabSize + 1)
  expect([marked.tokenToId('<mark>'), marked.idToToken(300), marked.idToToken(299), marked.tokenToId('no such')]).toEqual([300, '<mark>', undefined, undefined])
  expect(marked.encode('ba<mark>', { addSpecialTokens: false })).toEqual([98, 97, 300])
})

const turn = { content: '<turn>', single_word: false, lstrip: false, rstrip: false, normalized: false, special: false }
// The expected tokens and texts are those of transformers 5.
test.each([
  ['as tokenizer.json has it', {}, [97, 258, 32, 98], 'a<turn> b'],
  ['where tokenizer_config.json lists it otherwise', { added_tokens_decoder: { 258: { ...turn, rstrip: true } } }, [97, 258, 98], 'a<turn>b'],
  ['where it is listed as special', { added_tokens_decoder: { 258: { ...turn, special: true } } }, [97, 258, 32, 98], 'a b'],
  ['where tokenizer_config.json names it', { pad_token: '<turn>' }, [97, 258, 32, 98], 'a b'],
  ['where a list of others leaves it out', { pad_token: '<turn>', added_tokens_decoder: {} }, [97, 258, 32, 98], 'a<turn> b'],
])('a token of tokenizer.json: %s', (_, told, ids, shown) => {
  const own = { ...definition, added_tokens: [...definition.added_tokens, { id: 258, ...turn }] }
  const read = createTokenizer(withAddedTokens(own, specialTokens({ ...config, ...told }, null, null)), config)
  expect(read.encode('a<turn> b', { addSpecialTokens: false })).toEqual(ids)
  expect(read.decode(ids)).toBe(shown)
})
