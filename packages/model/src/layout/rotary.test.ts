import { expect, test } from 'vitest'
import { inverseFrequencies, RotaryTable } from './rotary.ts'

const plain = { headDim: 8, theta: 10_000, scaling: { ropeType: 'default' } } as const

test('pair i turns by theta^(-2i/D) a position', () => {
  expect([...inverseFrequencies(plain)]).toEqual([1, 0.1, 0.01, 0.001].map((frequency) => expect.closeTo(frequency, 8)))
})

test('tables hold the cosine and sine of position times frequency, whatever order positions come in', () => {
  const table = new RotaryTable(plain)
  const { cos, sin } = table.tables([700, 3, 0])
  expect(cos[0]).toBe(Math.fround(Math.cos(700)))
  expect(sin[1 * 4 + 1]).toBe(Math.fround(Math.sin(Math.fround(Math.fround(0.1) * 3))))
  expect([...cos.subarray(8)]).toEqual([1, 1, 1, 1])
  const one = { cos: new Float32Array(8), sin: new Float32Array(8) }
  table.write([700], one.cos, one.sin, 1)
  expect([...one.cos]).toEqual([0, 0, 0, 0, ...cos.subarray(0, 4)])
})

test('llama3 scaling keeps fast pairs, divides slow ones and blends those between', () => {
  // Llama 3.1's own numbers: head 128, theta 5e5, factor 8, low 1, high 4, 8192 original positions.
  const scaling = { ropeType: 'llama3', factor: 8, lowFreqFactor: 1, highFreqFactor: 4, originalMaxPositions: 8192 } as const
  const before = inverseFrequencies({ headDim: 128, theta: 500_000, scaling: { ropeType: 'default' } })
  const after = inverseFrequencies({ headDim: 128, theta: 500_000, scaling })
  const ratio = [...after].map((frequency, i) => before[i] / frequency)
  expect(ratio[0]).toBe(1)
  expect(ratio[63]).toBe(8)
  const wavelength = (i: number) => (2 * Math.PI) / before[i]
  ratio.forEach((r, i) => {
    if (wavelength(i) < 8192 / 4) expect(r).toBe(1)
    else if (wavelength(i) > 8192) expect(r).toBeCloseTo(8, 12)
    else expect(r).toSatisfy((x: number) => x >= 1 && x <= 8)
  })
  expect(ratio.some((r) => r > 1.01 && r < 7.99)).toBe(true)
})

test('factors of each frequency are what llama.cpp makes of a llama3 scaling', () => {
  const scaling = { ropeType: 'llama3', factor: 32, lowFreqFactor: 1, highFreqFactor: 4, originalMaxPositions: 8192 } as const
  const plain = { headDim: 64, theta: 500_000 }
  // convert_hf_to_gguf.py: whole waves over the original context tell how far a frequency is stretched.
  const factors = Array.from({ length: 32 }, (_, i) => {
    const wavelength = 2 * Math.PI * 500_000 ** ((2 * i) / 64)
    if (wavelength < 8192 / 4) return 1
    if (wavelength > 8192) return 32
    const smooth = (8192 / wavelength - 1) / (4 - 1)
    return Math.fround(1 / ((1 - smooth) / 32 + smooth))
  })
  expect(factors.some((factor) => factor > 1 && factor < 32)).toBe(true)
  const expected = inverseFrequencies({ ...plain, scaling })
  const got = inverseFrequencies({ ...plain, scaling: { ropeType: 'factors', factors } })
  for (const [i, frequency] of got.entries()) expect(Math.abs(frequency / expected[i] - 1)).toBeLessThan(2e-7)
})

test('linear scaling stretches every position', () => {
  const { cos } = new RotaryTable({ ...plain, scaling: { ropeType: 'linear', factor: 4 } }).tables([8])
  expect([...cos]).toEqual([...new RotaryTable(plain).tables([2]).cos])
})
