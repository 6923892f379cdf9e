import type { ModelSpec } from '@weft/adapters'
import { expect, test } from 'vitest'
import { rowsAtOnce } from './rows-at-once.ts'

const smollm2 = { hiddenSize: 576, intermediateSize: 1536, numLayers: 30, numHeads: 9 } as ModelSpec
const t5 = {
  hiddenSize: 768,
  intermediateSize: 3072,
  numLayers: 12,
  numHeads: 12,
  encoderDecoder: { numEncoderLayers: 12, decoderStartTokenId: 0 },
} as ModelSpec

test('a batch of the usual size is one pass on a small model up to some hundred positions, and never less than a row', () => {
  const rows = rowsAtOnce(smollm2, 20)
  expect([40, 108, 200, 512, 8192].map((length) => rows(length))).toEqual([22, 8, 4, 1, 1])
})

test('eight rows of 230 tokens are four passes on a model of half a billion weights', () => {
  const qwen2 = { hiddenSize: 896, intermediateSize: 4864, numLayers: 24, numHeads: 14 } as ModelSpec
  expect(rowsAtOnce(qwen2, 0)(230)).toBe(2)
})

test('of an encoder with a decoder both count: what is read, and what is answered', () => {
  const rows = rowsAtOnce(t5, 0)
  expect(rows(16, 512)).toBeLessThan(rows(16, 64))
  expect(rows(512, 16)).toBeLessThan(rows(64, 16))
  expect(rows(16, 512)).toBeLessThan(8)
})
