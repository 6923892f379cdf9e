import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { createTokenizer } from '@weft/model'
import { expect, test } from 'vitest'
import type { RowTokenizer } from './token-row.ts'
import { encodeParts } from './weighted-parts.ts'

test('a long completion in many parts is weighed in one walk over its tokens', () => {
  const parts = Array.from({ length: 40_000 }, (_, i) => ({ text: `${i % 10} word `, weight: i % 3 }))
  let read = 0
  const letters: RowTokenizer = {
    encode: (text) => Array.from(text, (letter) => letter.charCodeAt(0)),
    stream: () => ({ push: (id) => (read++, String.fromCharCode(id)) }),
  }
  const started = process.cpuUsage()
  const { tokens, weights } = encodeParts(parts, letters)
  expect(read).toBe(tokens.length)
  expect(weights).toEqual(parts.flatMap(({ text, weight }) => Array<number>(text.length).fill(weight)))
  // Of this process' own time: others may have the core meanwhile.
  expect(process.cpuUsage(started).user / 1000).toBeLessThan(2000)
})

test.each([
  ['é is two tokens', 'caf', 'é!', [2, 2, 2, 7, 7, 7]],
  ['a replacement character that was written is one', '\uFFFD', '!', [2, 2, 2, 7]],
])('tokens within a character weigh what the character does: %s', (_, first, second, expected) => {
  const bytes: RowTokenizer = {
    encode: (text) => [...new TextEncoder().encode(text)],
    stream: () => {
      const decoder = new TextDecoder()
      return { push: (id) => decoder.decode(Uint8Array.of(id), { stream: true }) }
    },
  }
  const parts = [
    { text: first, weight: 2 },
    { text: second, weight: 7 },
  ]
  expect(encodeParts(parts, bytes).weights).toEqual(expected)
})

test.each([
  ['unigram/t5-precompiled', '{"label": "', 'spam', '"}', 's|p|a|m'],
  ['unigram/t5-precompiled', 'a   b\n\nAnswer: ', 'yes', ' then', 'y|es'],
  ['unigram/t5-precompiled', ' ﬁve… ', 'yes', '.', 'y|es'],
  ['unigram/t5-precompiled', '{"a": {', '}', '}', '<unk>'],
  ['unigram/t5', '{"label": "', 'spam', '"}', 's|p|a|m'],
  ['byte-level/qwen', 'cafe\u0301 cafe\u0301 cafe\u0301 ', 'yes', ' no', 'y|e|s'],
  ['byte-level/gpt-2-prefix-space', '{"label": "', 'spam', '"}', 's|p|a|m'],
])('the part that weighs more is found where %s rewrites the text: %j, %j', (name, before, part, after, expected) => {
  const golden = join(import.meta.dirname, '../../../../test/golden/tokenizers')
  const tokenizer = createTokenizer(JSON.parse(readFileSync(join(golden, `${name}.json`), 'utf8')).definition, {})
  const { tokens, weights } = encodeParts([{ text: before }, { text: part, weight: 8 }, { text: '' }, { text: after, weight: 0.5 }], {
    encode: tokenizer.encode.bind(tokenizer),
    stream: () => tokenizer.stream({ skipSpecialTokens: false }),
  })
  const heavy = tokens.filter((_, i) => weights[i] === 8).map((id) => tokenizer.idToToken(id))
  expect(heavy.join('|')).toBe(expected)
  expect(weights.slice(weights.lastIndexOf(8) + 1).every((weight) => weight === 0.5)).toBe(true)
})

test('a long completion that the tokenizer rewrites is weighed in time that grows with its length alone', () => {
  const parts = Array.from({ length: 40_000 }, (_, i) => ({ text: `${i % 10} WORD `, weight: i % 3 }))
  const letters: RowTokenizer = {
    encode: (text) => Array.from(text.toLowerCase(), (letter) => letter.charCodeAt(0)),
    stream: () => ({ push: (id) => String.fromCharCode(id) }),
  }
  const started = process.cpuUsage()
  expect(encodeParts(parts, letters).weights).toEqual(parts.flatMap(({ text, weight }) => Array<number>(text.length).fill(weight)))
  expect(process.cpuUsage(started).user / 1000).toBeLessThan(2000)
})
