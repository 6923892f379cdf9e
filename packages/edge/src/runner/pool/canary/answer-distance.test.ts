import { expect, test } from 'vitest'
import { answerDistance, tolerance } from './answer-distance.ts'

/** The likeliest of a distribution over ids. */
const likeliest = (probabilities: readonly number[], count = 4) =>
  new Map(
    probabilities
      .map((p, id) => [id, Math.log(p)] as const)
      .toSorted((a, b) => b[1] - a[1])
      .slice(0, count),
  )
const answer = (...of: number[][]) => ({ nextTokens: of.map((each) => likeliest(each)) })
const some = [0.4, 0.25, 0.1, 0.08, 0.07, 0.05, 0.03, 0.02]

test('the same is apart by nothing, and the distance is the same both ways', () => {
  const other = [...some].reverse()
  expect(answerDistance(answer(some), answer(some))).toBe(0)
  expect(answerDistance(answer(some, other), answer(other, some))).toBeCloseTo(answerDistance(answer(other, some), answer(some, other)), 12)
})

test('it is the probability that has moved, over that of the likeliest', () => {
  // 0.1 moves from the first to the second; the four likeliest have 0.83 together.
  expect(answerDistance(answer(some), answer([0.3, 0.35, ...some.slice(2)]))).toBeCloseTo(0.1 / 0.83, 12)
  expect(answerDistance(answer(some), answer([...some].reverse()))).toBeGreaterThan(0.6)
})

test('of tokens that only one names, the other has at most its last', () => {
  // Near the end of the list the order changes, and next to no probability with it.
  expect(answerDistance(answer(some), answer([0.4, 0.25, 0.1, 0.074, 0.076, 0.05, 0.03, 0.02]))).toBeLessThan(0.01)
})

test('vectors are apart by their distance over their length; answers of two kinds, or of another number, are unlike', () => {
  expect(answerDistance({ vectors: [[3, 4]] }, { vectors: [[3, 4.5]] })).toBeCloseTo(0.5 / Math.hypot(3, 4.5), 12)
  expect(answerDistance({ vectors: [[3, 4]] }, { vectors: [[3, 4, 5]] })).toBeGreaterThan(tolerance)
  expect(answerDistance({ vectors: [[3, 4]] }, answer(some))).toBeGreaterThan(tolerance)
  expect(answerDistance(answer(some), answer(some, some))).toBeGreaterThan(tolerance)
})
