import { expect, test } from 'vitest'
import { Terms } from './terms.ts'

const INFINITY = Number.POSITIVE_INFINITY

test('equal expressions are one term, and others are others', () => {
  const terms = new Terms()
  const [a, b] = [terms.text('a'), terms.text('b')]
  const bounds = [0, 1, 2, 4094, 4095, 4096, 4097, 100_000, INFINITY]
  const made = (): unknown[] => [
    ...[a, b].flatMap((first) => [a, b].flatMap((second) => [terms.sequence(first, second), terms.sequence(first, second, first)])),
    ...[a, b].flatMap((of) =>
      bounds.flatMap((least) => bounds.filter((most) => most > Math.max(least, 1) && least < INFINITY).map((most) => terms.repeat(of, least, most))),
    ),
  ]
  const first = made()
  expect(new Set(first).size).toBe(first.length)
  const { size } = terms
  for (const [at, term] of made().entries()) expect(term).toBe(first[at])
  expect(terms.size).toBe(size)
})

test('what was made since a mark is let go of, and what was there is the same', () => {
  const terms = new Terms()
  const word = terms.text('ab')
  const some = terms.repeat(word, 1, 3)
  const letGo = terms.mark()
  const { size, memory } = terms
  const later = [terms.sequence(some, word), terms.repeat(word, 2, 9), terms.repeat(word, 2, 9000), terms.choice([some, word])]
  letGo()
  expect([terms.size, terms.memory]).toEqual([size, memory])
  expect([terms.text('ab'), terms.repeat(word, 1, 3)]).toEqual([word, some])
  expect(terms.text('ab')).toBe(word)
  const anew = terms.repeat(word, 2, 9)
  expect(later).not.toContain(anew)
  expect(anew.id).toBe(size)
})
