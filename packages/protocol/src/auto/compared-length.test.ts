import { expect, test } from 'vitest'
import { comparedLength, probeWords } from './compared-length.ts'

const texts = [{ text: 'a'.repeat(200) }, { text: 'b'.repeat(90) }]

test('texts are compared by about as much as is asked, questions whole', () => {
  expect([1, 16, 17, 100, 128].map((asked) => comparedLength(asked, texts))).toEqual([16, 16, 32, 128, 128])
  expect([129, 3000].map((asked) => comparedLength(asked, texts))).toEqual([4000, 4000])
  expect(comparedLength(5, [{ prompt: 'What is it? '.repeat(9) }])).toBe(4000)
})

test('a probe in words: a text is cut, a question is not', () => {
  expect(probeWords(texts[1], 16)).toBe('b'.repeat(16))
  expect(probeWords({ prompt: 'Is it spam?' }, 3)).toBe('Is it spam?')
  expect(probeWords({ tokens: ['A', 'B'] }, 1)).toBe('A B')
  expect(probeWords({ messages: [{ role: 'user', content: 'Hello' }] }, 2)).toBe('Hello')
})
