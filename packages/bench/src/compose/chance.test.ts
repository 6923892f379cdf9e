import { expect, test } from 'vitest'
import { intervalsOf, type RowPoints, scoreOf } from './chance.ts'
import { summaryOf } from './summary.ts'

const rows = (count: number, right: (i: number) => boolean): RowPoints[] => Array.from({ length: count }, (_, i) => ({ points: right(i) ? 1 : 0, of: 1 }))
const scoredRows = (of: RowPoints[]) => ({ score: { score: scoreOf(of) }, rows: of })

test('a share has the interval that its binomial has', () => {
  const half = rows(100, (i) => i % 2 === 0)
  const { share } = intervalsOf({ a: 100 }, (score) => ({ share: score('a', half) }))
  // 0.5 ± 1.96 · √(0.25 / 100)
  expect((share as number[])[0]).toBeCloseTo(0.402, 1)
  expect((share as number[])[1]).toBeCloseTo(0.598, 1)
})

test('a text counts as many times as it has tokens', () => {
  expect(
    scoreOf([
      { points: -3, of: 1 },
      { points: -3, of: 3 },
    ]),
  ).toBe(-1.5)
  expect(
    scoreOf(
      [
        { points: -3, of: 1 },
        { points: -3, of: 3 },
      ],
      Uint16Array.of(0, 2),
    ),
  ).toBe(-1)
})

test('what answers every row alike keeps all of it under every draw, and what has no gain has no interval', () => {
  const [base, alone] = [rows(40, (i) => i < 10), rows(40, (i) => i < 20)]
  const measured = {
    base: { a: scoredRows(base), b: scoredRows(base) },
    compositions: {
      a: { a: scoredRows(alone) },
      b: { b: scoredRows(base) },
      'a + b': { a: scoredRows(alone), b: scoredRows(alone) },
    },
    unsettled: { a: scoredRows(rows(40, (i) => i < 19 || i === 30)), b: scoredRows(alone) },
  }
  const { retention, mean_retention, price_alone, intervals } = summaryOf(['a', 'b'], measured)
  expect({ retention, mean_retention }).toEqual({ retention: { 'a in a + b': 1, 'b in a + b': null }, mean_retention: 1 })
  expect(intervals.retention).toEqual({ 'a in a + b': [1, 1] })
  expect(intervals.mean_retention).toEqual([1, 1])
  expect(price_alone).toEqual({ a: 1, b: 0 })
  const [low, high] = (intervals.price_alone as Record<string, number[]>).a
  expect(low).toBeLessThan(0.95)
  expect(high).toBeGreaterThan(1.05)
  // The same rows, the same draws.
  expect(summaryOf(['a', 'b'], measured).intervals).toEqual(intervals)
})
