import type { ModelSpec } from '@weft/adapters'
import type { HyperparametersInput } from './hyperparameters.ts'

/** What a method's learning rate may depend on. */
export type Width = Pick<ModelSpec, 'hiddenSize'>

/** A rate, or one for each model; without a model, that of the models which it was chosen on. */
export type LearningRate = number | ((model?: Width) => number)

/** What a method is trained with where the request says nothing else. */
export interface MethodHyperparameters extends Omit<HyperparametersInput, 'learningRate'> {
  learningRate?: LearningRate
}

/** What a method brings of its own, on a model; without one, on those that it was chosen on. */
export const usualHyperparameters = (method: { hyperparameters?: MethodHyperparameters | undefined }, model?: Width): HyperparametersInput => {
  const { learningRate, ...others } = method.hyperparameters ?? {}
  return { ...others, ...(learningRate !== undefined && { learningRate: typeof learningRate === 'function' ? learningRate(model) : learningRate }) }
}
