import { describe, expect, test } from 'vitest'
import { int4, int4Symmetric, int8 } from './block-storage.ts'
import { integers } from './integer-storage.ts'
import type { TensorArrays } from './weight-storage.ts'

const [N, K] = [3, 80]
const arrays = { uint8: Uint8Array, int8: Int8Array, float32: Float32Array } as const

/** Rows of a weight `[3, 80]`, the last of whose blocks is filled up, as they are read back. */
async function readBack(storage: typeof int4, change: (values: Float32Array) => void): Promise<{ given: Float32Array; rows: Float32Array[] }> {
  const given = Float32Array.from({ length: N * K }, (_, i) => Math.sin(i))
  change(given)
  const weight = { name: 'w', shape: [N, K] }
  const into: TensorArrays = Object.fromEntries(
    Object.entries(storage.tensors(weight)).map(([name, { dtype, shape }]) => [name, new arrays[dtype as keyof typeof arrays](shape.reduce((a, b) => a * b))]),
  )
  await storage.fill(weight, { read: async () => given.slice() }, into)
  const read = storage.rows(weight, into)
  const rows = [0, 1, 2].map((row) => {
    const values = new Float32Array(K)
    read(row, values)
    return values
  })
  return { given, rows }
}

describe.each([
  ['int4', int4],
  ['int4 without offsets', int4Symmetric],
  ['int8', int8],
  ['integers', integers()],
])('%s', (_, storage) => {
  test.each([Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY])('a row that holds %s is no row of numbers', async (bad) => {
    const { given, rows } = await readBack(storage, (values) => (values[K + 70] = bad))
    expect(rows[1].every(Number.isFinite)).toBe(false)
    for (const row of [0, 2]) rows[row].forEach((value, k) => expect(Math.abs(value - given[row * K + k])).toBeLessThan(0.15))
  })

  test('NaN among equal numbers is not passed over', async () => {
    const { rows } = await readBack(storage, (values) => values.fill(0.5, K + 64, 2 * K).fill(Number.NaN, K + 66, K + 67))
    expect(rows[1].every(Number.isFinite)).toBe(false)
  })

  test('numbers that lie to one side of zero stay near', async () => {
    const { given, rows } = await readBack(storage, (values) => values.set(values.map((value) => 2 + 0.5 * value)))
    for (const [n, row] of rows.entries()) row.forEach((value, k) => expect(Math.abs(value - given[n * K + k])).toBeLessThan(0.17))
  })

  test('zeros and one number everywhere stay', async () => {
    const { rows } = await readBack(storage, (values) => values.fill(0, 0, K).fill(-0.25, K, 2 * K))
    expect(rows[0].every((value) => value === 0)).toBe(true)
    rows[1].forEach((value) => expect(value).toBeCloseTo(-0.25, 6))
  })
})
