import { GraphBuilder, interpret, numbers, type TensorData, tensor } from '@weft/graph'
import { expect, test } from 'vitest'
import { integers } from './integer-storage.ts'

const [M, K, N] = [8, 32, 16]
const noise = (n: number, seed: number): Float32Array => Float32Array.from({ length: n }, (_, i) => Math.sin(seed + 12.9898 * i) * Math.cos(78.233 * i))
const OUTLIER = 5
/** One input is many times as large as the others, as in a real model. */
const x = noise(M * K, 1).map((value, i) => (i % K === OUTLIER ? 50 * value : value))
const smoothing = Float32Array.from({ length: K }, (_, k) => (k === OUTLIER ? 1 : Math.sqrt(1 / 50)))

/** A weight that is held and multiplied by: the product, the weight as numbers, one of its rows, and the gradient's matrix. */
const held = async (smooth: Float32Array | undefined, transposed: boolean) => {
  const shape = transposed ? [K, N] : [N, K]
  const values = noise(N * K, 2)
  const weight = { name: 'w', shape, ...(transposed && { transposed: true as const }) }
  const storage = integers(smooth)
  const types = Object.entries(storage.tensors(weight))
  const into = Object.fromEntries(
    types.map(
      ([
        name,
        {
          dtype,
          shape: [a, b = 1],
        },
      ]) => [name, dtype === 'int8' ? new Int8Array(a * b) : new Float32Array(a * b)],
    ),
  )
  await storage.fill(weight, { read: async () => values.slice() }, into)
  const g = new GraphBuilder('held')
  g.output('y', storage.product(g, weight, g.input('x', 'float32', [M, K])))
  g.output('value', storage.value(g, weight))
  const tensors: Record<string, TensorData> = Object.fromEntries(types.map(([name, { dtype, shape }]) => [name, tensor(dtype, shape, [...into[name]])]))
  const { y, value } = interpret(g.build(), { x: tensor('float32', [M, K], [...x]) }, tensors)
  const row = new Float32Array(shape[1])
  storage.rows(weight, into)(3, row)
  const exact = Array.from({ length: M * N }, (_, i) => {
    const [m, n] = [Math.floor(i / N), i % N]
    return Array.from({ length: K }, (_, k) => x[m * K + k] * values[transposed ? k * N + n : n * K + k]).reduce((a, b) => a + b, 0)
  })
  const error = Math.sqrt(Array.from(numbers(y)).reduce((sum, each, i) => sum + (each - exact[i]) ** 2, 0) / (M * N))
  return { values, value: Array.from(numbers(value)), row: [...row], columns: shape[1], error }
}

test.each([false, true])('a smoothed weight is the same weight, and its product is nearer where one input is large (transposed: %s)', async (transposed) => {
  const [plain, smooth] = [await held(undefined, transposed), await held(smoothing, transposed)]
  expect(smooth.error).toBeLessThan(0.5 * plain.error)
  for (const { values, value, row, columns } of [plain, smooth]) {
    value.forEach((each, i) => {
      expect(Math.abs(each - values[i])).toBeLessThan(0.03)
    })
    row.forEach((each, i) => {
      expect(each).toBeCloseTo(value[3 * columns + i], 5)
    })
  }
})
