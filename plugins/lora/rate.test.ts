import { expect, test } from 'vitest'
import { learningRate } from './rate.ts'

test.each([
  [undefined, 0.01],
  [256, 0.01],
  [576, 0.01],
  [768, 0.0023],
  [896, 0.002],
  [2048, 0.00088],
  [4096, 0.00044],
])('a model %s wide learns at %f', (hiddenSize, rate) => {
  expect(learningRate(hiddenSize === undefined ? undefined : { hiddenSize })).toBe(rate)
})
