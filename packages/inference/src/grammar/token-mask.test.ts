import { Random } from '@weft/adapters'
import { createTokenizer } from '@weft/model'
import { byteLevel } from '@weft/model/testing/byte-level'
import type { Grammar } from '@weft/protocol'
import { expect, test } from 'vitest'
import { type Automaton, DEAD } from './automaton/automaton.ts'
import { automatonOf } from './grammar.ts'
import { TokenMasks } from './token-mask.ts'
import { tokenTries } from './token-trie.ts'

/** A byte-level vocabulary with longer tokens: every prefix of some texts, whatever bytes they end in. */
const { definition, config } = byteLevel()
const alphabet = Object.keys(definition.model.vocab).slice(0, 256)
const spelled = (text: string): string => [...new TextEncoder().encode(text)].map((byte) => alphabet[byte]).join('')
const texts = ['"}, {"', 'abcdefghijklmnopqrstuvwxyz"]', '🙂🙂🙂🙂🙂🙂', '                        ', '0123456789.5e-7,', 'true, false]', '\\u00e9\\n"', 'é"']
const longer = [...new Set(texts.flatMap((text) => [...spelled(text)].map((_, i) => spelled(text).slice(0, i + 1))))].filter((token) => token.length > 1)
const tokenizer = createTokenizer(
  { ...definition, model: { ...definition.model, vocab: { ...definition.model.vocab, ...Object.fromEntries(longer.map((token, i) => [token, 258 + i])) } } },
  config,
)
const V = 258 + longer.length + 40

const allowedAlone = (automaton: Automaton, state: number): number[] =>
  Array.from({ length: V }, (_, token) => token).filter((token) => {
    if (tokenizer.specialTokenIds.has(token) || tokenizer.idToToken(token) === undefined) return false
    let at = state
    for (const byte of tokenizer.bytes(token)) at = automaton.next(at, byte)
    return at !== DEAD
  })

test.each<[string, Grammar]>([
  ['json', { type: 'json_object' }],
  ['bounded strings', { type: 'json_schema', schema: { type: 'array', items: { type: 'string', maxLength: 30 } } }],
  ['long strings', { type: 'json_schema', schema: { type: 'array', items: { type: 'string', minLength: 20, maxLength: 40 } } }],
  ['exact counts', { type: 'regex', regex: '([a-z"]{24}|[0-9 .]{18,20}|(ab|abc){17,}z)+' }],
  ['calls', { type: 'tool_calls', functions: [{ name: 'f' }], optional: true }],
])('a mask allows what each token by itself may do: %s', async (_, grammar) => {
  const automaton = automatonOf(grammar)
  const masks = new TokenMasks(automaton, (await tokenTries(tokenizer, V)).later)
  const random = new Random('walk')
  for (let walk = 0; walk < 12; walk++) {
    let state = automaton.start
    for (let step = 0; step < 40; step++) {
      const mask = masks.of(state)
      const allowed = allowedAlone(automaton, state)
      expect(Array.from({ length: V }, (_, token) => token).filter((token) => (mask.words[token >>> 5] >>> (token & 31)) & 1)).toEqual(allowed)
      expect(mask.count).toBe(allowed.length)
      if (allowed.length === 0) break
      const left = allowed.map((token) => [...tokenizer.bytes(token)].reduce((at, byte) => automaton.next(at, byte), state)).map((at) => automaton.shortest[at])
      expect(mask.mostLeft).toBeGreaterThanOrEqual(Math.max(...left))
      const few = masks.within(state, 6)
      expect(few.count).toBe(left.filter((bytes) => bytes <= 6).length)
      for (const byte of tokenizer.bytes(allowed[random.integer(allowed.length)])) state = automaton.next(state, byte)
    }
  }
})

test('padding and special tokens are never allowed, and every other token is', async () => {
  const { later } = await tokenTries(tokenizer, V)
  const told = [...later.tokens].filter((token) => token >= 0)
  expect(new Set(told).size).toBe(told.length)
  expect(told.length).toBe(256 + longer.length)
  expect(later.long.tokens.filter((token) => token >= 0).every((token) => tokenizer.bytes(token).length > 16)).toBe(true)
})
