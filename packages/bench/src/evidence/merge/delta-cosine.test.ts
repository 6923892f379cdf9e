import { floatTensor } from '@weft/adapters'
import { expect, test } from 'vitest'
import { deltaCosine } from './delta-cosine.ts'
import type { TaskVector } from './task-vectors.ts'

const delta = (vectors: Record<string, number[]>): TaskVector =>
  new Map(Object.entries(vectors).map(([module, values]) => [module, floatTensor([1, values.length], Float32Array.from(values))]))

test('the root mean square of the cosines of what both change', () => {
  const a = delta({ same: [1, 2], apart: [1, 0], against: [3, 0], alone: [1, 1] })
  const b = delta({ same: [2, 4], apart: [0, 5], against: [-1, 0] })
  expect(deltaCosine(a, b)).toBeCloseTo(Math.sqrt((1 + 0 + 1) / 3), 6)
  expect(deltaCosine(delta({ a: [1] }), delta({ b: [1] }))).toBe(0)
  expect(deltaCosine(delta({ a: [0, 0] }), delta({ a: [1, 0] }))).toBe(0)
})
