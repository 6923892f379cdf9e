import { expect, test } from 'vitest'
import { operandChooser } from './operand-chooser.ts'

/** Vectors about a direction, all far from the origin on one side, as hidden states are. */
const about = (axis: number, count = 8): number[][] =>
  Array.from({ length: count }, (_, n) => [10, 0, 0, 0, 0, 0].map((value, i) => value + (i === axis ? 2 : 0) + (i === 1 + ((axis + n) % 5) ? 0.6 : 0)))
const operands = [about(1), about(2), about(3)]
const choose = operandChooser(operands)

test('a request acts on what is asked such things, and on nothing else', () => {
  for (const [i, axis] of [1, 2, 3].entries()) {
    const { scores, strengths } = choose([[10, 0, 0, 0, 0, 0].map((value, n) => value + (n === axis ? 2 : 0))])
    expect(strengths).toEqual([0, 1, 2].map((n) => (n === i ? 1 : 0)))
    expect(scores[i]).toBeGreaterThan(0.8)
  }
})

test('what is between two acts on both; the order of operands does not matter', () => {
  const between = [[10, 1.4, 1.4, 0, 0, 0]]
  const { strengths } = choose(between)
  expect(strengths[0]).toBeGreaterThan(0.5)
  expect(strengths[1]).toBeGreaterThan(0.5)
  expect(strengths[2]).toBe(0)
  expect(operandChooser(operands.toReversed())(between).strengths).toEqual(strengths.toReversed())
})

test('what is like none of them acts on none', () => {
  expect(choose([[10, -1, -1, -1, 0, 3]]).strengths).toEqual([0, 0, 0])
})

test('where probes are much alike, what is nearer to them than to what the others are asked is not foreign', () => {
  // All equally far from their mean, so that nothing says how much farther is too far.
  const alike = (axis: number): number[][] => Array.from({ length: 8 }, (_, n) => [10, 0, 0, 0.1 * (-1) ** n].map((value, i) => value + (i === axis ? 2 : 0)))
  const asked = operandChooser([alike(1), alike(2)])
  const { scores, strengths } = asked([[10, 2, 0, 0.25]])
  expect(scores[0]).toBeGreaterThan(0.5)
  expect(scores[0]).toBeLessThan(1)
  expect(strengths).toEqual([1, 0])
  expect(asked([[10, 2, 0, 0.5]]).strengths).toEqual([0, 0])
})

test('an operand whose probes are as far from one another as from the others is scored by how much they differ', () => {
  const everywhere = Array.from({ length: 16 }, (_, n) => [10, ...Array.from({ length: 5 }, (_, i) => 3 * Math.sin(7 * n + 13 * i))])
  const choosing = operandChooser([everywhere.slice(0, 8), everywhere.slice(8)], about(1, 10))
  for (const asked of [[10, 0, 0, 0, 0, 0], [10, 3, -3, 3, -3, 3], everywhere[0]!, everywhere[15]!])
    for (const score of choosing([asked]).scores) expect(Math.abs(score)).toBeLessThan(100)
})

test('one operand with one probe', () => {
  expect(operandChooser([[[10, 2, 0]], [[10, 0, 2]]])([[10, 1, 0]]).strengths).toEqual([1, 0])
})

test('what anybody asks is for no operand, but for one whose own probes are such', () => {
  const everyday = about(1, 10).map((vector) => vector.map((value, i) => value + (i === 1 ? -1 : i === 4 ? 1 : 0)))
  const asked = [[10, 1.2, 0, 0, 0.6, 0]]
  expect(choose(asked).strengths).toEqual([1, 0, 0])
  const choosing = operandChooser(operands, everyday)
  expect(choosing(asked).strengths).toEqual([0, 0, 0])
  expect(choosing([[10, 2, 0, 0, 0, 0]]).strengths).toEqual([1, 0, 0])
  // Half of what this one is asked lies among them, so it answers what lies there.
  expect(operandChooser([[...about(1, 4), ...everyday.slice(0, 4)], about(2)], everyday)(asked).strengths).toEqual([1, 0])
})
