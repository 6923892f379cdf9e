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
