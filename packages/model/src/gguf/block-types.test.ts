import { Random } from '@weft/adapters'
import { expect, test } from 'vitest'
import { blockType } from './block-types.ts'

/** Bytes drawn from a seed, with halves of a moderate size where a type has its scales. */
function randomBlocks(bytes: number, halvesAt: readonly number[], blocks: number): Uint8Array {
  const random = new Random(`blocks of ${bytes}`)
  return Uint8Array.from({ length: bytes * blocks }, (_, at) => {
    const within = at % bytes
    const byte = random.integer(256)
    return halvesAt.includes(within - 1) ? 0x20 + (byte & 0x9f & 0x0f) + (byte & 0x80) : byte
  })
}

/** The IEEE half with these bits, from its definition. */
const half = (block: Uint8Array, at: number): number => {
  const bits = block[at] | (block[at + 1] << 8)
  const [exponent, fraction] = [(bits >> 10) & 31, bits & 1023]
  return (bits >> 15 ? -1 : 1) * (exponent === 0 ? fraction * 2 ** -24 : (1 + fraction / 1024) * 2 ** (exponent - 15))
}
const signed = (byte: number): number => (byte > 127 ? byte - 256 : byte)
const bits = (value: number, from: number, count: number): number => Math.floor(value / 2 ** from) % 2 ** count

/** The six bits of scale `i` of eight, and of its minimum, by the table in ggml-common.h: bytes 0–3 scales, 4–7 minima, 8–11 the rest. */
const sixBits = (b: Uint8Array, i: number): { scale: number; minimum: number } =>
  i < 4
    ? { scale: bits(b[i], 0, 6), minimum: bits(b[i + 4], 0, 6) }
    : { scale: bits(b[i + 4], 0, 4) + 16 * bits(b[i - 4], 6, 2), minimum: bits(b[i + 4], 4, 4) + 16 * bits(b[i], 6, 2) }

/** Value `i` of one block, one at a time. */
const references: Record<string, { halves: number[]; value: (block: Uint8Array, i: number) => number }> = {
  Q4_0: { halves: [0], value: (b, i) => half(b, 0) * (bits(b[2 + (i % 16)], i < 16 ? 0 : 4, 4) - 8) },
  Q4_1: { halves: [0, 2], value: (b, i) => half(b, 0) * bits(b[4 + (i % 16)], i < 16 ? 0 : 4, 4) + half(b, 2) },
  Q5_0: {
    halves: [0],
    value: (b, i) => half(b, 0) * (bits(b[6 + (i % 16)], i < 16 ? 0 : 4, 4) + 16 * bits(b[2 + Math.floor(i / 8)], i % 8, 1) - 16),
  },
  Q5_1: {
    halves: [0, 2],
    value: (b, i) => half(b, 0) * (bits(b[8 + (i % 16)], i < 16 ? 0 : 4, 4) + 16 * bits(b[4 + Math.floor(i / 8)], i % 8, 1)) + half(b, 2),
  },
  Q8_0: { halves: [0], value: (b, i) => half(b, 0) * signed(b[2 + i]) },
  Q4_K: {
    halves: [0, 2],
    value: (b, i) => {
      const { scale, minimum } = sixBits(b.subarray(4, 16), Math.floor(i / 32))
      const q = bits(b[16 + 32 * Math.floor(i / 64) + (i % 32)], i % 64 < 32 ? 0 : 4, 4)
      return half(b, 0) * scale * q - half(b, 2) * minimum
    },
  },
  Q5_K: {
    halves: [0, 2],
    value: (b, i) => {
      const { scale, minimum } = sixBits(b.subarray(4, 16), Math.floor(i / 32))
      const q = bits(b[48 + 32 * Math.floor(i / 64) + (i % 32)], i % 64 < 32 ? 0 : 4, 4) + 16 * bits(b[16 + (i % 32)], Math.floor(i / 32), 1)
      return half(b, 0) * scale * q - half(b, 2) * minimum
    },
  },
  Q6_K: {
    halves: [208],
    value: (b, i) => {
      const [n, within] = [Math.floor(i / 128), i % 128]
      const low = bits(b[64 * n + (within % 64)], within < 64 ? 0 : 4, 4)
      const high = bits(b[128 + 32 * n + (within % 32)], 2 * Math.floor(within / 32), 2)
      return half(b, 208) * signed(b[192 + Math.floor(i / 16)]) * (low + 16 * high - 32)
    },
  },
}

test.each(Object.entries(references))('%s is dequantized as its definition says, to the bit', (name, { halves, value }) => {
  const type = blockType(name)!
  const blocks = 5
  const bytes = randomBlocks(type.bytes, halves, blocks)
  const values = new Float32Array(type.values * blocks)
  type.decode(bytes, values)
  const expected = values.map((_, i) => value(bytes.subarray(Math.floor(i / type.values) * type.bytes).subarray(0, type.bytes), i % type.values))
  expect([...values]).toEqual([...expected])
  expect(new Set(values).size).toBeGreaterThan(40)
})

test('floats are blocks of one; what is not listed has no layout', () => {
  expect(blockType('BF16')).toMatchObject({ values: 1, bytes: 2 })
  for (const name of ['Q2_K', 'IQ4_XS', 'I8', 'toString']) expect(blockType(name)).toBeUndefined()
})
