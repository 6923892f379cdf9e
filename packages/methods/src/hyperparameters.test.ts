import { expect, test } from 'vitest'
import { defaultHyperparameters, givenHyperparametersSchema, hyperparametersSchema } from './hyperparameters.ts'

test('hyperparameters as they were given have no defaults, and the same fields and bounds', () => {
  expect(givenHyperparametersSchema.parse({})).toEqual({})
  expect(givenHyperparametersSchema.parse({ maxSteps: 2 })).toEqual({ maxSteps: 2 })
  expect(givenHyperparametersSchema.parse(defaultHyperparameters())).toEqual(hyperparametersSchema.parse({}))
  for (const wrong of [{ maxStep: 2 }, { batchSize: 0 }, { learningRate: -1 }, { optimizer: 'sgd' }, { betas: [0.9] }])
    expect(givenHyperparametersSchema.safeParse(wrong).success, JSON.stringify(wrong)).toBe(false)
})

test.each([
  [{ learningRate: 1e3 }, 'a rate above 100 trains nothing: 0.01 is usual, 0.0003 for "full"'],
  [{ weightDecay: 1e3 }, 'more than 100 leaves nothing of what is learned: 0.01 is usual'],
  [{ eps: 2 }, 'more than 1 drowns every gradient: 1e-8 is usual'],
])('a size that trains nothing is refused, and what is usual is said: %j', (given, message) => {
  expect(hyperparametersSchema.safeParse(given).error?.issues).toMatchObject([{ message }])
  expect(hyperparametersSchema.safeParse({ maxGradNorm: 1e9, learningRate: 100, weightDecay: 0, eps: 1 }).success).toBe(true)
})
