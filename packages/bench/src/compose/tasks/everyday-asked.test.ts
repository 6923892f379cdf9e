import { everydayRequests } from '@weft/protocol'
import { expect, test } from 'vitest'
import { everydayAsked } from './everyday-asked.ts'

const wordsOf = (text: string): string =>
  text
    .toLowerCase()
    .replace(/[^\p{L}\p{N}]+/gu, ' ')
    .trim()

test('none of the requests that measure what is left alone is one that auto knows', () => {
  const known = new Set(everydayRequests.map(wordsOf))
  expect(everydayAsked.filter((text) => known.has(wordsOf(text)))).toEqual([])
  expect(new Set(everydayAsked.map(wordsOf)).size).toBe(everydayAsked.length)
})
