import { expect, test } from 'vitest'
import { textOffsets } from './token-logprobs.ts'

const tokens = (...parts: (string | number[])[]) =>
  parts.map((part) => ({ token: '', logprob: 0, bytes: typeof part === 'string' ? [...new TextEncoder().encode(part)] : part }))

test('tokens begin where their characters do', () => {
  expect(textOffsets(tokens('na', 'ï', 've ', '🙂'))).toEqual([0, 2, 3, 6])
})

test('the rest of a character begins where the character does', () => {
  // 🙂 is f0 9f 99 82.
  expect(textOffsets(tokens('a', [0xf0, 0x9f], [0x99], [0x82, 0x62], 'c'))).toEqual([0, 1, 1, 1, 3])
})

test('a token without bytes has those of its text', () => {
  expect(
    textOffsets([
      { token: 'ab', logprob: 0 },
      { token: 'c', logprob: 0, bytes: null },
    ]),
  ).toEqual([0, 2])
})
