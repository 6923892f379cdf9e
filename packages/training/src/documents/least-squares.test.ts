import { Random } from '@weft/adapters'
import { expect, test } from 'vitest'
import { boundedWeights, ridgeSolution } from './least-squares.ts'

const random = new Random('least squares')
const [n, N, M] = [40, 6, 3]
const a = Array.from({ length: n }, () => Float64Array.from({ length: N }, () => random.uniform()))
const gram = Array.from({ length: N * N }, (_, at) => a.reduce((sum, row) => sum + row[Math.floor(at / N)] * row[at % N], 0))
const transposed = (b: ArrayLike<number>): number[] => Array.from({ length: N }, (_, i) => a.reduce((sum, row, r) => sum + row[i] * b[r], 0))

test('a ridge solution has no slope left', () => {
  const right = Array.from({ length: N * M }, () => random.normal(0, 1))
  const x = ridgeSolution(gram, right, N, 0.5)
  for (let i = 0; i < N; i++)
    for (let m = 0; m < M; m++) {
      let sum = 0.5 * x[i * M + m]
      for (let j = 0; j < N; j++) sum += gram[i * N + j] * x[j * M + m]
      expect(sum).toBeCloseTo(right[i * M + m], 8)
    }
})

test('weights fit the ones, and stay above the least: where one is there, its slope points down', () => {
  const [least, ridge] = [0.05, 0.01]
  const w = boundedWeights(gram, transposed(new Float64Array(n).fill(1)), { least, ridge })
  const misses = (of: ArrayLike<number>) => a.reduce((sum, row) => sum + (row.reduce((x, value, j) => x + value * of[j], 0) - 1) ** 2, 0)
  expect(Math.min(...w)).toBeGreaterThanOrEqual(least)
  expect(misses(w)).toBeLessThan(misses(new Float64Array(N).fill(1)))
  for (let j = 0; j < N; j++) {
    const slope = a.reduce((sum, row) => sum + row[j] * (row.reduce((x, value, i) => x + value * w[i], 0) - 1), 0) + ridge * (w[j] - 1)
    if (w[j] > least) expect(Math.abs(slope)).toBeLessThan(0.05)
    else expect(slope).toBeGreaterThan(-1e-6)
  }
})
