import { expect, test } from 'vitest'
import { agreement, type JudgedAnswer, keptShare } from './kept.ts'

const moved = (changed: boolean, divergence = 0.1, gain = 1, composed = -2) => ({
  ...{ changed, divergence, gain },
  likelihood: { alone: -1, composed, base: -3 },
})
const own = (...texts: string[]): JudgedAnswer[] => texts.map((text) => ({ text, own: true }))

test('of answers that come again, those count that are not changed, less what guessing would give', () => {
  const answers = own(...Array.from({ length: 20 }, (_, i) => (i % 2 === 0 ? 'spam' : 'ham')))
  const two = answers.map((_, i) => moved(i < 2))
  // Three of twenty-two are taken for changed; of two answers chance gives half.
  expect(keptShare(two, answers)).toBeCloseTo(1 - (2 * 3) / 22, 12)
  expect(agreement(0, 18, 2)).toBeCloseTo(0.9, 12)
  expect(agreement(0, 17, 2)).toBeLessThan(0.9)
  expect(agreement(2, 18, 10)).toBeCloseTo(1 - 0.15 / 0.9, 12)
  // One answer for everything: nothing to guess among.
  expect(keptShare([moved(true), moved(false)], own('same', 'same'))).toBe(0.5)
})

test('of texts that are there their likelihood counts: what is left of the gain over the base', () => {
  const texts = [
    { text: 'one', own: false },
    { text: 'another', own: false },
  ]
  expect(keptShare([moved(true, 9, 1, -2), moved(true, 9, 1, -1)], texts)).toBeCloseTo(0.75, 12)
})

test('of long answers of its own the divergence counts, as a share of what the adapter says by itself', () => {
  const answers = own('one', 'another')
  expect(keptShare([moved(true, 0.2, 1), moved(true, 0.4, 1)], answers)).toBeCloseTo(0.7, 12)
  expect(keptShare([moved(true, 3, 1), moved(true, 1, 1)], answers)).toBeCloseTo(-1, 12)
  // One that says nothing by itself loses nothing, unless it is moved.
  expect(keptShare([moved(false, 0, 0), moved(false, 0, 0)], answers)).toBe(1)
  expect(keptShare([moved(true, 0.5, 0), moved(true, 0.5, 0)], answers)).toBe(0)
})
