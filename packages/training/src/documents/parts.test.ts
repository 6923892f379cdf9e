import { expect, test } from 'vitest'
import { partLength, partsOf } from './parts.ts'

const document = (length: number) => Array.from({ length }, (_, i) => i)

test('a document that fits is one part; a longer one is parts of like length, whose keys add up', () => {
  expect(partsOf([document(9)], 4, 10)).toEqual([{ ids: document(9), tokens: 4 }])
  const parts = partsOf([document(25)], 7, 10)
  expect(parts.map(({ ids }) => ids.length)).toEqual([8, 9, 8])
  expect(parts.flatMap(({ ids }) => ids)).toEqual(document(25))
  expect(parts.reduce((sum, { tokens }) => sum + tokens, 0)).toBe(7)
  expect(Math.min(...parts.map(({ tokens }) => tokens))).toBeGreaterThan(0)
})

test('no part has more keys than tokens, and a short one beside a long one has a key too', () => {
  expect(partsOf([document(3), document(4)], 50, 10).map(({ tokens }) => tokens)).toEqual([3, 4])
  const parts = partsOf([document(1), document(400), document(1)], 5, 1000)
  expect(parts.map(({ tokens }) => tokens)).toEqual([1, 3, 1])
})

test('more parts than keys are refused', () => {
  expect(() => partsOf([document(100)], 4, 10)).toThrow(expect.objectContaining({ code: 'document_too_long', details: { tokens: 100, parts: 10, asked: 4 } }))
})

test('a part takes half a context at most, and half of what a layer sees', () => {
  const model = { spec: { maxPositions: 100 } } as never
  expect(partLength(model, { windows: [null] })).toBe(50)
  expect(partLength(model, { windows: [null, 32] })).toBe(16)
  expect(partLength(model, { windows: [null] }, 20)).toBe(20)
})
