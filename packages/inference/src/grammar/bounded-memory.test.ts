import { Random } from '@weft/adapters'
import { createTokenizer } from '@weft/model'
import { byteLevel } from '@weft/model/testing/byte-level'
import type { Grammar } from '@weft/protocol'
import { expect, test } from 'vitest'
import { Constraint } from './constraint.ts'
import { automatonOf } from './grammar.ts'
import { TokenMasks } from './token-mask.ts'
import { tokenTries } from './token-trie.ts'

const { definition, config } = byteLevel()
async function writer(longer: readonly string[]) {
  const vocab = { ...definition.model.vocab, ...Object.fromEntries(longer.map((token, i) => [token, 258 + i])) }
  const tokenizer = createTokenizer({ ...definition, model: { ...definition.model, vocab } }, config)
  const V = 258 + longer.length
  const { later } = await tokenTries(tokenizer, V)
  const started = (grammar: Grammar, mostBytes?: number) => {
    const masks = new TokenMasks(automatonOf(grammar, mostBytes), later)
    return { automaton: masks.automaton, begin: () => new Constraint(masks, masks, tokenizer) }
  }
  return { tokenizer, V, started }
}
const { tokenizer, V, started } = await writer(['ab', 'abc', 'ba', 'ca', '[[', ']]', '},', '":', 'true', 'a'.repeat(20)])
const allowed = (logits: Float32Array): number[] => [...logits.keys()].filter((token) => logits[token] > Number.NEGATIVE_INFINITY)

test.each<[string, Grammar]>([
  ['an expression of more states than could be listed', { type: 'regex', regex: '[abc]*a[abc]{40}(b[abc]{30}|[ab]*c[abc]{20})+' }],
  [
    'strings and items that are counted',
    { type: 'json_schema', schema: { type: 'array', items: { type: 'string', maxLength: 40 }, minItems: 9, maxItems: 99 } },
  ],
  ['any document', { type: 'json_object' }],
])('answers go on through what was forgotten as if it had not been: %s', (_, grammar) => {
  const whole = started(grammar)
  const few = started(grammar, 20_000)
  const random = new Random('forgotten')
  for (let round = 0; round < 3; round++) {
    // Two of each step by step: what one has forgotten, the other has too.
    const walks = [1, 2].map(() => ({ whole: whole.begin(), few: few.begin(), left: 50, isOver: false }))
    while (walks.some(({ isOver }) => !isOver))
      for (const walk of walks) {
        if (walk.isOver) continue
        const logits = new Float32Array(V).map(() => random.uniform())
        const restricted = walk.few.restrict(logits, walk.left)
        expect(restricted).toEqual(walk.whole.restrict(logits, walk.left))
        const tokens = allowed(restricted)
        const token = tokens[random.integer(tokens.length)]
        walk.isOver = tokenizer.eosTokenIds.includes(token)
        if (walk.isOver) continue
        for (const constraint of [walk.whole, walk.few]) constraint.advance(token)
        expect([walk.few.isFinal, walk.few.hurried]).toEqual([walk.whole.isFinal, walk.whole.hurried])
        walk.isOver = walk.few.isFinal || --walk.left === 0
      }
  }
  expect(whole.automaton.era).toBe(0)
  expect(few.automaton.era).toBeGreaterThan(2)
})

test('what an answer has found out of its grammar has a bound, however far it goes', async () => {
  const words = Array.from({ length: 256 }, (_, i) => i.toString(2).padStart(8, '0').replaceAll('0', 'a').replaceAll('1', 'b'))
  const { automaton, begin } = (await writer(words)).started({ type: 'regex', regex: '[ab]*a[ab]{200}' })
  const compiled = automaton.bytes
  const constraint = begin()
  const random = new Random('far')
  let most = 0
  while (automaton.era < 2) {
    constraint.restrict(new Float32Array(258 + words.length), 1e6)
    most = Math.max(most, automaton.bytes - compiled)
    constraint.advance(258 + random.integer(words.length))
    expect(automaton.bytes - compiled).toBeLessThanOrEqual(32 * 2 ** 20)
  }
  expect(most).toBeGreaterThan(32 * 2 ** 20)
})
