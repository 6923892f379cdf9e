import { expect, test } from 'vitest'
import { floatTensor, readSafetensors, toFloat32, writeSafetensors } from '../index.ts'
import { narrowHalf } from './narrow.ts'
import { widenHalf } from './widen.ts'

test('every half precision number is itself again', () => {
  const all = Uint16Array.from({ length: 0x10000 }, (_, i) => i).filter((bits) => (bits & 0x7fff) <= 0x7c00)
  expect(narrowHalf(widenHalf(all))).toEqual(all)
  expect(widenHalf(narrowHalf(Float32Array.of(Number.NaN)))[0]).toBeNaN()
})

test('what lies between two goes to the nearest, ties to the even one', () => {
  const step = 2 ** -10
  const given = [1 + step / 2, 1 + 1.5 * step, 1 + 0.51 * step, -1 - step / 2, 65519, 65520, 2 ** -25, 1.5 * 2 ** -24, 2047.5]
  expect([...widenHalf(narrowHalf(Float32Array.from(given)))]).toEqual([1, 1 + 2 * step, 1 + step, -1, 65504, Infinity, 0, 2 ** -23, 2048])
})

test('a file of halves has half the bytes, and readers widen it', () => {
  const tensors = { 'a.b': floatTensor([2, 2], Float32Array.of(1, -2.5, 0.1, 3)) }
  const { dtype, shape, bytes } = readSafetensors(writeSafetensors(tensors, {}, { floats: 'F16' })).tensors['a.b']
  expect([dtype, shape, bytes.length]).toEqual(['F16', [2, 2], 8])
  const read = toFloat32({ dtype, shape, bytes })
  expect([read[0], read[1], read[3]]).toEqual([1, -2.5, 3])
  expect(read[2]).toBeCloseTo(0.1, 4)
})
