import { Random } from '@weft/adapters'
import { createTokenizer } from '@weft/model'
import type { Grammar } from '@weft/protocol'
import { expect, test } from 'vitest'
import { Constraint } from './constraint.ts'
import { automatonOf } from './grammar.ts'
import { TokenMasks } from './token-mask.ts'
import { tokenTries } from './token-trie.ts'

/** As a Llama's: spaces are U+2581, bytes have tokens of their own, and a text's first space is dropped. */
const bytes = Array.from({ length: 256 }, (_, byte) => `<0x${byte.toString(16).toUpperCase().padStart(2, '0')}>`)
const pieces = ['</s>', ...bytes, '▁', '{', '▁{', '"', '▁"', '":', '}', '▁}', 'a', '▁the', '▁12', '🙂']
const definition = {
  version: '1.0',
  added_tokens: [{ id: 0, content: '</s>', special: true, single_word: false, lstrip: false, rstrip: false, normalized: false }],
  normalizer: { type: 'Replace', pattern: { String: ' ' }, content: '▁' },
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
  model: { type: 'BPE', unk_token: null, byte_fallback: true, fuse_unk: false, vocab: Object.fromEntries(pieces.map((piece, id) => [piece, id])), merges: [] },
}
const tokenizer = createTokenizer(definition, { eos_token: '</s>' })
const V = pieces.length

async function drawn(grammar: Grammar, tokens: number, random: Random, goesOn = false): Promise<{ text: string; ids: number[]; constraint: Constraint }> {
  const tries = await tokenTries(tokenizer, V)
  const automaton = automatonOf(grammar)
  const constraint = new Constraint(new TokenMasks(automaton, tries.first), new TokenMasks(automaton, tries.later), tokenizer)
  const [stream, ids] = [tokenizer.stream(), [] as number[]]
  if (goesOn) constraint.goOn()
  if (goesOn) stream.push(pieces.indexOf('a'))
  let text = ''
  for (let left = tokens; left > 0 && !constraint.isFinal; left--) {
    const logits = constraint.restrict(new Float32Array(V), left)
    const allowed = [...logits.keys()].filter((token) => logits[token] === 0)
    const token = allowed[random.integer(allowed.length)]
    if (token === 0) break
    constraint.advance(token)
    ids.push(token)
    text += stream.push(token)
  }
  return { text: text + stream.flush(), ids, constraint }
}

test('a tokenizer that drops the first space is followed as it writes', async () => {
  const random = new Random('spaces')
  const first = new Set<string>()
  for (let n = 0; n < 60; n++) {
    const { text, ids } = await drawn({ type: 'json_schema', schema: { type: 'object', additionalProperties: { type: 'string' } } }, 60, random)
    expect(JSON.parse(text)).toBeTypeOf('object')
    first.add(pieces[ids[0]])
  }
  // What would be a space anywhere else is none here.
  expect(first).toEqual(new Set(['{', '▁{', '<0x7B>']))
})

test('behind a text the first space is one', async () => {
  const random = new Random('behind')
  for (let n = 0; n < 20; n++) {
    const { text, ids } = await drawn({ type: 'regex', regex: ' (the )?a' }, 20, random, true)
    expect(text).toMatch(/^ (the )?a$/)
    expect(pieces[ids[0]]).toMatch(/^(▁|▁the|<0x20>)$/)
  }
})

test('an answer that its tokens sufficed for was not hurried, and one that they did not was', async () => {
  const random = new Random('hurry')
  const grammar: Grammar = { type: 'regex', regex: '(ab)*!' }
  for (let n = 0; n < 40; n++) {
    const { text, constraint, ids } = await drawn(grammar, 7, random)
    expect(text).toMatch(/^(ab)*!$/)
    // After six bytes only the end fits; before, it was as likely as going on.
    expect(constraint.hurried).toBe(ids.length === 7)
  }
  expect((await drawn({ type: 'regex', regex: 'a{9}' }, 4, random)).text).toBe('aaaa')
})

test('an answer that ends by itself was not hurried, however few tokens were left for what it did not say', async () => {
  const tries = await tokenTries(tokenizer, V)
  const constraintOf = (grammar: Grammar): Constraint => {
    const automaton = automatonOf(grammar)
    return new Constraint(new TokenMasks(automaton, tries.first), new TokenMasks(automaton, tries.later), tokenizer)
  }
  /** Logits of a model that is about to say this. */
  const about = (token: number): Float32Array => new Float32Array(V).fill(0, 0, V).fill(9, token, token + 1)
  const byte = (character: string): number => 1 + character.charCodeAt(0)
  const [end, letter] = [0, pieces.indexOf('a')]
  const likeliest = (logits: Float32Array): number => logits.indexOf(Math.max(...logits))
  const said = (constraint: Constraint, tokens: readonly number[], left: number): Constraint => {
    for (const [at, token] of tokens.entries()) {
      expect(likeliest(constraint.restrict(about(token), left - at))).toBe(token)
      if (token !== end) constraint.advance(token)
    }
    return constraint
  }
  // A call would take more tokens than there are at the end of the text, and nobody was about to make one.
  const calls: Grammar = { type: 'tool_calls', functions: [{ name: 'weather', parameters: { type: 'object', properties: {} } }], optional: true }
  expect(said(constraintOf(calls), [...[...'<tool_call'].map(byte), letter, end], 12).hurried).toBe(false)
  const list: Grammar = { type: 'json_schema', schema: { type: 'array', items: { type: 'boolean' } } }
  expect(said(constraintOf(list), [...'[true]'].map(byte), 8).hurried).toBe(false)
  // One more was about to be said.
  const cut = said(constraintOf(list), [...'[true'].map(byte), 8)
  cut.restrict(about(byte(',')), 3)
  expect(cut.hurried).toBe(true)
})

test('a model without a way to write what must follow is said so', async () => {
  const letters = ['</s>', 'a', 'b']
  const small = createTokenizer(
    {
      ...definition,
      decoder: { type: 'Fuse' },
      model: { ...definition.model, byte_fallback: false, vocab: Object.fromEntries(letters.map((piece, id) => [piece, id])) },
    },
    { eos_token: '</s>' },
  )
  const tries = await tokenTries(small, 3)
  const masks = new TokenMasks(automatonOf({ type: 'choice', choice: ['ab{'] }), tries.later)
  const constraint = new Constraint(masks, masks, small)
  for (const token of [1, 2]) {
    expect(constraint.restrict(new Float32Array(3), 10)[token]).toBe(0)
    constraint.advance(token)
  }
  expect(() => constraint.restrict(new Float32Array(3), 10)).toThrow(expect.objectContaining({ code: 'grammar_dead_end' }))
})
