import { hyperparametersSchema } from '@weft/methods/hyperparameters'
import { expect, test } from 'vitest'
import { hyperparameterFaults, hyperparameterFields } from './hyperparameter-fields.ts'

test('the bounds are those that a job is held to', () => {
  for (const { name, bounds } of hyperparameterFields) {
    const takes = (value: number): boolean => hyperparametersSchema.shape[name].safeParse(value).success
    const { min, above, max } = bounds
    const step = bounds.whole ? 1 : Number.MIN_VALUE
    if (above !== undefined) expect([takes(above), takes(above + step)], name).toEqual([false, true])
    else expect([takes(min! - step), takes(min!)], name).toEqual([false, true])
    expect([takes(max!), takes(max! + Math.max(1, max! * Number.EPSILON))], name).toEqual([true, false])
    expect(takes(1.5), name).toBe(!bounds.whole)
  }
})

test('what is wrong is told by its name, and nothing of what is right or left empty', () => {
  expect(hyperparameterFaults({ nEpochs: 3, learningRate: 0.001 })).toEqual([])
  expect(hyperparameterFaults({ batchSize: 0, nEpochs: 1e99 })).toEqual([
    'n_epochs: 1e+99 is out of bounds. Expected a whole number from 1 to 10,000.',
    'batch_size: 0 is out of bounds. Expected a whole number from 1 to 1,024.',
  ])
})
