import { expect, test } from 'vitest'
import { usualHyperparameters } from './usual-hyperparameters.ts'

const method = { hyperparameters: { batchSize: 4, learningRate: (model?: { hiddenSize: number }) => (model ? 1 / model.hiddenSize : 0.01) } }

test('a rate that depends on the model is that of the model, and without one that of the models which it was chosen on', () => {
  expect(usualHyperparameters(method)).toEqual({ batchSize: 4, learningRate: 0.01 })
  expect(usualHyperparameters(method, { hiddenSize: 1000 })).toEqual({ batchSize: 4, learningRate: 0.001 })
  expect(usualHyperparameters({})).toEqual({})
})

test('who lists a method with a rate of their own has that one on every model, and what they leave stays', () => {
  const slower = { ...method, hyperparameters: { ...method.hyperparameters, learningRate: 0.5 } }
  expect(usualHyperparameters(slower, { hiddenSize: 1000 })).toEqual({ batchSize: 4, learningRate: 0.5 })
  const larger = { ...method, hyperparameters: { ...method.hyperparameters, batchSize: 8 } }
  expect(usualHyperparameters(larger, { hiddenSize: 1000 })).toEqual({ batchSize: 8, learningRate: 0.001 })
})
