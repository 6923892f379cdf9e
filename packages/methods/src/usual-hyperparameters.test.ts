import { expect, test } from 'vitest'
import { usualHyperparameters } from './usual-hyperparameters.ts'

const method = { id: 'mine', hyperparameters: { batchSize: 4, learningRate: (model?: { hiddenSize: number }) => (model ? 1 / model.hiddenSize : 0.01) } }

test('a rate that depends on the model is that of the model, and without one that of the models which it was chosen on', () => {
  expect(usualHyperparameters(method)).toEqual({ batchSize: 4, learningRate: 0.01 })
  expect(usualHyperparameters(method, { hiddenSize: 1000 })).toEqual({ batchSize: 4, learningRate: 0.001 })
  expect(usualHyperparameters({ id: 'mine' })).toEqual({})
})

test('who lists a method with a rate of their own has that one on every model, and what they leave stays', () => {
  const slower = { ...method, hyperparameters: { ...method.hyperparameters, learningRate: 0.5 } }
  expect(usualHyperparameters(slower, { hiddenSize: 1000 })).toEqual({ batchSize: 4, learningRate: 0.5 })
  const larger = { ...method, hyperparameters: { ...method.hyperparameters, batchSize: 8 } }
  expect(usualHyperparameters(larger, { hiddenSize: 1000 })).toEqual({ batchSize: 8, learningRate: 0.001 })
})

test.each<[string, (model?: { hiddenSize: number }) => unknown, string]>([
  ['NaN', (model) => (model ? Number.NaN : 0.01), 'its "hyperparameters.learningRate" gave NaN for a model 64 wide; expected a number above 0 and up to 100'],
  ['nothing', () => undefined, 'its "hyperparameters.learningRate" gave undefined for a model 64 wide'],
  ['a promise', async () => 0.01, 'its "hyperparameters.learningRate" gave a promise for a model 64 wide'],
  ['too much', (model) => model!.hiddenSize * 4, 'its "hyperparameters.learningRate" gave 256 for a model 64 wide'],
  [
    'an error',
    () => {
      throw new TypeError('no')
    },
    'its "hyperparameters" threw TypeError: no',
  ],
])('a rate that is %s is told as the fault of the method', (_, learningRate, message) => {
  const refused = expect.objectContaining({ code: 'plugin_failed', message: expect.stringContaining(`"mine" cannot be used: ${message}`) })
  expect(() => usualHyperparameters({ id: 'mine', hyperparameters: { learningRate: learningRate as never } }, { hiddenSize: 64 })).toThrow(refused)
})
