import { Random } from '@weft/adapters'
import { expect, test } from 'vitest'
import { ShrunkenDiscriminant } from './shrunken-discriminant.ts'

const random = new Random(3)
const normal = (count: number): number[] => Array.from({ length: count }, () => random.normal())
/** Two groups about their means; the last dimension is large in all of them, and says nothing. */
const groups = [0, 1].map((group) =>
  Array.from({ length: 7 }, () =>
    normal(5)
      .map((value, i) => value + (i === group ? 3 : 0))
      .map((value, i) => (i === 4 ? 100 * value + 1000 : value)),
  ),
)
const vectors = [...groups.flat(), [0, 3, 0, 0, 900], [9, 9, 9, 9, 9]]

/** a⁻¹·b by elimination. */
const solve = (a: number[][], b: number[]): number[] => {
  const rows = a.map((row, i) => [...row, b[i]!])
  for (const [i, pivot] of rows.entries())
    for (const [j, row] of rows.entries()) {
      if (i === j) continue
      const factor = row[i]! / pivot[i]!
      for (let k = 0; k < row.length; k++) row[k]! -= factor * pivot[k]!
    }
  return rows.map((row, i) => row.at(-1)! / row[i]!)
}

test('distances are those of the shrunken covariance, written out', () => {
  const all = groups.flat()
  const mean = (rows: number[][]): number[] => rows[0]!.map((_, i) => rows.reduce((sum, row) => sum + row[i]!, 0) / rows.length)
  const middle = mean(all)
  const deviation = middle.map((m, i) => Math.sqrt(all.reduce((sum, row) => sum + (row[i]! - m) ** 2, 0) / all.length))
  const floor = (1e-2 * deviation.reduce((a, b) => a + b)) / 5
  const place = (row: number[]): number[] => row.map((value, i) => (value - middle[i]!) / Math.max(deviation[i]!, floor))
  const placed = groups.map((group) => group.map(place))
  const means = placed.map(mean)
  const centered = placed.flatMap((group, g) => group.map((row) => row.map((value, i) => value - means[g]![i]!)))
  const freedom = all.length - 2
  const covariance = middle.map((_, i) => middle.map((_, j) => centered.reduce((sum, row) => sum + row[i]! * row[j]!, 0) / freedom))
  const variance = covariance.reduce((sum, row, i) => sum + row[i]!, 0) / 5
  const shrunken = covariance.map((row, i) => row.map((value, j) => 0.4 * value + (i === j ? 0.6 * variance : 0)))
  const discriminant = new ShrunkenDiscriminant(groups)
  for (const vector of vectors) {
    const expected = means.map((m) => {
      const from = place(vector).map((value, i) => value - m[i]!)
      return solve(shrunken, from).reduce((sum, value, i) => sum + value * from[i]!, 0)
    })
    for (const [g, distance] of discriminant.distances(vector).entries()) expect(distance).toBeCloseTo(expected[g]!, 8)
  }
})

test('a member that is left out is farther from its group than one that counts', () => {
  const discriminant = new ShrunkenDiscriminant(groups)
  const left = discriminant.crossValidated(4)
  expect(left.map((members) => members.length)).toEqual([7, 7])
  for (const [g, members] of groups.entries())
    for (const [i, member] of members.entries()) expect(left[g]![i]![g]).toBeGreaterThan(discriminant.distances(member)[g]!)
})

test('groups of one, and of equals, have plain distances', () => {
  const alone = new ShrunkenDiscriminant([[[0, 0]], [[2, 0]]])
  expect(alone.distances([0, 0])).toEqual([0, 4])
  expect(alone.crossValidated(4)).toEqual([[[0, 4]], [[4, 0]]])
  const equal = new ShrunkenDiscriminant([
    [
      [1, 1],
      [1, 1],
    ],
    [
      [3, 1],
      [3, 1],
    ],
  ])
  expect(equal.distances([1, 1])[0]).toBe(0)
  expect(equal.distances([1, 1])[1]).toBeGreaterThan(0)
})
