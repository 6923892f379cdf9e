import { floatTensor } from '@weft/adapters'
import { expect, test } from 'vitest'
import { taskArithmetic, ties } from './merges.ts'
import { asLinear, scaled, type TaskVector, taskVectorOf } from './task-vectors.ts'

const vector = (...values: number[]): TaskVector => new Map([['m', floatTensor([2, 2], Float32Array.from(values))]])
const of = (merged: TaskVector): number[] => [...merged.get('m')!.data]

test('a LoRA is the product of its factors, and comes back from it exactly, wide or tall', () => {
  const linear = { 'm.a': floatTensor([1, 3], Float32Array.of(1, 2, 3)), 'm.b': floatTensor([2, 1], Float32Array.of(10, -1)) }
  const wide = taskVectorOf({ state: { linear } })
  expect(of(wide)).toEqual([10, 20, 30, -1, -2, -3])
  for (const [out, input] of [
    [2, 3],
    [3, 2],
  ]) {
    const dense: TaskVector = new Map([
      [
        'm',
        floatTensor(
          [out, input],
          Float32Array.from({ length: 6 }, (_, i) => i - 2.5),
        ),
      ],
    ])
    expect(taskVectorOf({ state: { linear: asLinear(dense) } })).toEqual(dense)
  }
})

test('task arithmetic is the sum, and a strength multiplies it', () => {
  expect(of(scaled(taskArithmetic([vector(1, 2, 0, -4), vector(3, -2, 1, 0)]), 0.5))).toEqual([2, 0, 0.5, -2])
})

test('TIES trims each vector, elects a sign by weight, and averages what agrees', () => {
  // Half of the entries are kept: 4 and −3 of the first, 2 and 5 of the second.
  expect(of(ties([vector(4, 1, -3, 0.5), vector(2, 0.1, 5, 1)], 0.5))).toEqual([3, 0, 5, 0])
  // All are: −3 loses to 5, and 1 with 0.1 are averaged.
  expect(of(ties([vector(4, 1, -3, 0), vector(-4, 0.5, 5, 1)], 1))).toEqual([0, 0.75, 5, 1])
})
