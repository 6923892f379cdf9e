import { readFileSync } from 'node:fs'
import { Tokenizer } from '@huggingface/tokenizers'
import { expect, test } from 'vitest'
import { folder } from '../folder.ts'
import { learnMerges } from './merges.ts'
import { tokenizerConfig, tokenizerJson } from './tokenizer-json.ts'
import { byteCharacters, words } from './words.ts'

test('the most frequent pair is merged first, then pairs with what it became', () => {
  // low ×5, lower ×2, newest ×6, widest ×3: the example of Sennrich et al. 2016, whose first merges are es, est.
  const merges = learnMerges(
    new Map([
      ['low', 5],
      ['lower', 2],
      ['newest', 6],
      ['widest', 3],
    ]),
    4,
  )
  expect(merges).toEqual([
    ['e', 's'],
    ['es', 't'],
    ['l', 'o'],
    ['lo', 'w'],
  ])
})

test('a pair that occurs once is not merged', () => {
  expect(learnMerges(new Map([['ab', 1]]), 5)).toEqual([])
})

test('a run of one symbol is merged from the left', () => {
  expect(learnMerges(new Map([['aaaa', 2]]), 2)).toEqual([
    ['a', 'a'],
    ['aa', 'aa'],
  ])
})

test('words keep every character', () => {
  const text = "It's 1862;  the\n\n whale — naïve.\t"
  expect(words(text).join('')).toBe(text)
  expect(new Set(byteCharacters).size).toBe(256)
})

test('what was learned loads and gives any text back', () => {
  const counts = new Map(words('the whale and the sea and the whale').map((word) => [word, 3]))
  const tokenizer = new Tokenizer(JSON.parse(JSON.stringify(tokenizerJson(learnMerges(counts, 20)))), tokenizerConfig)
  for (const text of ['the whale', 'naïve café €', '🐋 breaches', 'a\n\n\tb']) expect(tokenizer.decode(tokenizer.encode(text).ids)).toBe(text)
  expect(tokenizer.encode('<|im_start|>the<|im_end|>').ids.at(-1)).toBe(3)
})

test('the bundled tokenizer has its 4096 tokens and spends less than a third of a token on a byte', () => {
  const json = JSON.parse(readFileSync(`${folder}/tokenizer.json`, 'utf8'))
  expect(Object.keys(json.model.vocab).length).toBe(4096)
  const tokenizer = new Tokenizer(json, tokenizerConfig)
  const text = 'Some years ago, never mind how long precisely, I thought I would sail about a little and see the watery part of the world.'
  expect(tokenizer.encode(text).ids.length).toBeLessThan(text.length / 3)
})
