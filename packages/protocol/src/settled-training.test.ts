import { expect, test } from 'vitest'
import { settledTraining, settlingSteps } from './settled-training.ts'

const asked = { steps: 64, learningRate: 0.005, weight: 1 }

test('an adapter is settled as it was trained, but for how long, how fast, and in which precision', () => {
  const { hyperparameters } = settledTraining('a', 'a + b', asked, {
    hyperparameters: { nEpochs: 3, batchSize: 2, weightDecay: 0.1, precision: 'int8', patience: 4 },
  })
  expect(hyperparameters).toEqual({ batchSize: 2, weightDecay: 0.1, maxSteps: 64, learningRate: 0.005, patience: 0, evalEvery: 65 })
})

test('it starts from itself, and is silent in every step', () => {
  expect(settledTraining('a', 'a + b', asked)).toMatchObject({ from: 'a', settles: 'a + b', locality: { probability: 1, weight: 1 } })
})

test('what it says where others answer counts by how loud it is where it answers itself', () => {
  const weightOf = (level: number | undefined, weight = 1) => settledTraining('a', 'a + b', { ...asked, weight }, { level }).locality.weight
  expect([weightOf(5), weightOf(1), weightOf(undefined), weightOf(5, 2)]).toEqual([0.4, 2, 1, 0.8])
  // Nearly nothing is not silenced without measure.
  expect(weightOf(0.001)).toBe(2)
})

test('steps are two thirds of what the longest trained had, and 64 at least', () => {
  expect(settlingSteps([undefined, 12])).toBe(64)
  expect(settlingSteps([30, 192, undefined])).toBe(128)
})

test('the rate is what is asked for; without that 0.005, and no more than the adapter learned at', () => {
  const rateOf = (learningRate: number | undefined, trained?: number) =>
    settledTraining('a', 'a + b', { steps: 64, weight: 1, learningRate }, trained === undefined ? {} : { hyperparameters: { learningRate: trained } })
      .hyperparameters.learningRate
  expect([rateOf(undefined), rateOf(undefined, 0.03), rateOf(undefined, 0.0004), rateOf(0.02, 0.0004)]).toEqual([0.005, 0.005, 0.0004, 0.02])
})
