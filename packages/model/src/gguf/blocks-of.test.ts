import { Random } from '@weft/adapters'
import { expect, test } from 'vitest'
import { type BlockTarget, readNumber } from '../precision/block-layout.ts'
import { quantize4, quantize8, quantizeRows } from '../precision/quantize.ts'
import { blockType } from './block-types.ts'
import { blocksOf } from './blocks-of.ts'

const [N, K] = [3, 512]
const target = (bits: 4 | 8, offset: boolean): BlockTarget => ({
  bits,
  N,
  blocks: K / 32,
  data: new Uint8Array((N * K * bits) / 8),
  scales: new Float32Array((N * K) / 32),
  ...(offset && { offsets: new Float32Array((N * K) / 32) }),
})

/** Bytes of a type at which its halves are scales: small positive numbers. */
const halves: Record<string, number[]> = { Q4_0: [0], Q4_1: [0, 2], Q8_0: [0], Q4_K: [0, 2] }

test.each(Object.keys(halves))('%s is taken over as it is', (type) => {
  const { values, bytes: size, decode } = blockType(type)!
  const random = new Random(type)
  const bytes = Uint8Array.from({ length: ((N * K) / values) * size }, () => random.integer(256))
  for (let at = 0; at < bytes.length; at += size) for (const half of halves[type]) bytes.set([random.integer(256), 0x20 + random.integer(8)], at + half)
  const numbers = new Float32Array(N * K)
  decode(bytes, numbers)
  const blocks = blocksOf(type)!
  const into = target(blocks.bits, blocks.offset)
  blocks.write(bytes, into)
  for (let n = 0; n < N; n++) for (let i = 0; i < K; i++) expect(Math.abs(readNumber(into, n, i) - numbers[n * K + i]), `${n} ${i}`).toBeLessThan(1e-6 * 64)
})

test('numbers are quantized to within half a step, and such as lie on 16 steps are kept', () => {
  const random = new Random('quantize')
  const values = Float32Array.from({ length: N * K }, () => random.normal(0, 0.05))
  const [eight, four] = [target(8, false), target(4, true)]
  quantizeRows(values, { K }, quantize8, eight)
  for (let n = 0; n < N; n++)
    for (let i = 0; i < K; i++)
      expect(Math.abs(readNumber(eight, n, i) - values[n * K + i])).toBeLessThanOrEqual(0.5001 * eight.scales[n * (K / 32) + (i >> 5)])
  quantizeRows(values, { K }, quantize4, four)
  const once = values.map((_, at) => readNumber(four, Math.floor(at / K), at % K))
  const error = Math.sqrt(values.reduce((sum, value, at) => sum + (value - once[at]) ** 2, 0) / values.reduce((sum, value) => sum + value ** 2, 0))
  expect(error).toBeLessThan(0.09)

  // A grid whose ends are taken: as a file in 4 bits has been made.
  const grid = values.map((_, at) => (at % 32 === 0 ? 0 : at % 32 === 1 ? 15 : random.integer(16)) * 0.01 - 0.07 + Math.floor(at / 32) * 1e-3)
  quantizeRows(grid, { K }, quantize4, four)
  for (let at = 0; at < grid.length; at++) expect(Math.abs(readNumber(four, Math.floor(at / K), at % K) - grid[at])).toBeLessThan(1e-6)
})

test('a transposed weight, and rows that end within a block', () => {
  const random = new Random('transposed')
  const [rows, columns] = [3, 40]
  const values = Float32Array.from({ length: rows * columns }, () => random.normal(0, 1))
  const turned = values.map((_, i) => values[(i % rows) * columns + Math.floor(i / rows)])
  const into = (): BlockTarget => ({ bits: 8, N: rows, blocks: 2, data: new Uint8Array(rows * 64), scales: new Float32Array(rows * 2) })
  const [straight, other] = [into(), into()]
  quantizeRows(values, { K: columns }, quantize8, straight)
  quantizeRows(turned, { K: columns, transposed: true }, quantize8, other)
  expect(other).toEqual(straight)
})
