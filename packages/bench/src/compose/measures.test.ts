import { expect, test } from 'vitest'
import { areaUnderCurve, leaning, marks, retention } from './measures.ts'
import type { Answered } from './scorer.ts'

const answer = (truth: number, odds: number, format = true): Answered => ({ truth, scores: [odds / 2, -odds / 2], before: format, among: true, after: true })

test('a lean that hides the classes is subtracted; what ranks them is seen before and after', () => {
  const rows = [answer(0, 5), answer(0, 4), answer(1, 3), answer(1, 2)]
  expect(marks(rows)).toEqual({ accuracy: 0.5, auc: 1, format: 1, exact: 0.5 })
  expect(leaning(rows)).toEqual([1.75, -1.75])
  expect(marks(rows, leaning(rows))).toEqual({ accuracy: 1, auc: 1, format: 1, exact: 1 })
})

test('an answer outside the format is right about the label alone', () => {
  expect(marks([answer(0, 1, false), answer(1, -1)])).toMatchObject({ accuracy: 1, format: 0.5, exact: 0.5 })
})

test('area under the curve, ties counting half', () => {
  expect(
    areaUnderCurve([
      { score: 1, positive: true },
      { score: 1, positive: false },
      { score: 0, positive: false },
      { score: 0.5, positive: true },
    ]),
  ).toBe((0.5 + 1 + 0 + 1) / 4)
})

test('retention is of what was gained', () => {
  expect(retention({ base: 0.5, alone: 0.9, composed: 0.8 })).toBeCloseTo(0.75, 12)
  expect(retention({ base: 0.5, alone: 0.5, composed: 0.6 })).toBeNull()
})
