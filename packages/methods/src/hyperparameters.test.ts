import { expect, test } from 'vitest'
import { defaultHyperparameters, givenHyperparametersSchema, hyperparametersSchema } from './hyperparameters.ts'

test('hyperparameters as they were given have no defaults, and the same fields and bounds', () => {
  expect(givenHyperparametersSchema.parse({})).toEqual({})
  expect(givenHyperparametersSchema.parse({ maxSteps: 2 })).toEqual({ maxSteps: 2 })
  expect(givenHyperparametersSchema.parse(defaultHyperparameters())).toEqual(hyperparametersSchema.parse({}))
  for (const wrong of [{ maxStep: 2 }, { batchSize: 0 }, { learningRate: -1 }, { optimizer: 'sgd' }, { betas: [0.9] }])
    expect(givenHyperparametersSchema.safeParse(wrong).success, JSON.stringify(wrong)).toBe(false)
})
