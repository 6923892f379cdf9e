import { MASKED } from '@weft/adapters'
import { expect, test } from 'vitest'
import { encoderDecoderLayout } from './encoder-decoder-layout.ts'
import { IGNORED } from './layout.ts'
import { prefixPositions } from './prefix-positions.ts'

const relative = {
  encoder: { numBuckets: 32, maxDistance: 128, bidirectional: true },
  decoder: { numBuckets: 32, maxDistance: 128, bidirectional: false },
}
const base = { tokens: 4, targets: 3, relative, decoderStartTokenId: 7, padTokenId: 9 }
const rows = [
  { tokens: [11, 12, 13], labels: [21, 22, 1] },
  { tokens: [14], labels: [23, IGNORED] },
]

test('the decoder reads its labels one position on, behind the start token', () => {
  const layout = encoderDecoderLayout({ ...base, rows })
  expect([...layout.inputIds].map(Number)).toEqual([11, 12, 13, 9, 14, 9, 9, 9])
  expect([...layout.decoderInputIds].map(Number)).toEqual([7, 21, 22, 7, 23, 9])
  expect([...layout.lossIndex].map(Number)).toEqual([0, 1, 2, 3, 0, 0])
  expect([...layout.lossTargets].map(Number)).toEqual([21, 22, 1, 23, 0, 0])
  expect([...layout.lossWeights]).toEqual([0.25, 0.25, 0.25, 0.25, 0, 0])
  expect(layout.numTargets).toBe(4)
})

test("the encoder's padding is seen by nobody, and the decoder's future not either", () => {
  const { encoderAttentionBias, attentionBias } = encoderDecoderLayout({
    ...base,
    rows,
    placement: { rows: 2, rowBias: Float32Array.of(-1, 2), prefix: 2, prefixBias: Float32Array.of(3, 4) },
  })
  const m = MASKED
  expect([...encoderAttentionBias]).toEqual([-1, 2, 0, 0, 0, m, -1, 2, 0, m, m, m])
  expect([...attentionBias.subarray(0, 15)]).toEqual([3, 4, 0, m, m, 3, 4, 0, 0, m, 3, 4, 0, 0, 0])
})

test('a prefix ends where the answer begins, and each of several by itself', () => {
  expect([...prefixPositions([3])]).toEqual([-3, -2, -1])
  expect([...prefixPositions([2, 1])]).toEqual([-2, -1, -1])
  const { decoderBuckets } = encoderDecoderLayout({ ...base, rows, placement: { prefix: 3, prefixLengths: [2, 1] } })
  expect([...decoderBuckets].map(Number)).toEqual([2, 1, 1, 0, 0, 0, 3, 2, 2, 1, 0, 0, 4, 3, 3, 2, 1, 0])
})

test('groups have their own rows and prefixes, next to the text', () => {
  const groups = [
    { batchRows: 1, rows: 1, prefix: 0 },
    { batchRows: 1, rows: 3, prefix: 2 },
  ]
  const { encoderAttentionBias, attentionBias, decoderBuckets } = encoderDecoderLayout({ ...base, rows, placement: { rows: 3, prefix: 2, groups } })
  const m = MASKED
  expect([...encoderAttentionBias]).toEqual([m, m, 0, 0, 0, 0, m, 0, 0, 0, 0, m, m, m])
  expect([...attentionBias.subarray(0, 5), ...attentionBias.subarray(15, 20)]).toEqual([m, m, 0, m, m, 0, 0, 0, m, m])
  expect(decoderBuckets.length).toBe(2 * 3 * 5)
  expect([...decoderBuckets.subarray(15, 20)].map(Number)).toEqual([2, 1, 0, 0, 0])
})

test('what does not fit is refused', () => {
  const refused = (code: string) => expect.objectContaining({ code })
  expect(() => encoderDecoderLayout({ ...base, rows: [{ tokens: [1, 2, 3, 4, 5], labels: [1] }] })).toThrowError(refused('too_many_tokens'))
  expect(() => encoderDecoderLayout({ ...base, rows: [{ tokens: [1], labels: [1, 2, 3, 4] }] })).toThrowError(refused('too_many_tokens'))
  expect(() => encoderDecoderLayout({ ...base, rows: [{ tokens: [], labels: [1] }] })).toThrowError(refused('invalid_layout'))
  expect(() => encoderDecoderLayout({ ...base, rows, lossRows: 3 })).toThrowError(refused('invalid_layout'))
})
