import { pluginFailed } from './errors.ts'
import { type HyperparametersInput, learningRateSchema, mostLearningRate, type Width } from './hyperparameters.ts'
import { kindOf } from './kind-of.ts'
import { ofPlugin } from './of-plugin.ts'
import type { Plugin } from './plugin.ts'

/**
 * What a method brings of its own, on a model; without one, on those that it was chosen on. Error 422 `plugin_failed` where its rate of the model is none: who
 * asks for a job has not said it.
 */
export const usualHyperparameters = (plugin: Pick<Plugin, 'id' | 'hyperparameters'>, model?: Width): HyperparametersInput => {
  const { learningRate, ...others } = plugin.hyperparameters ?? {}
  if (learningRate === undefined) return others
  return { ...others, learningRate: typeof learningRate === 'function' ? rateOf(plugin, () => learningRate(model), model) : learningRate }
}

const rateOf = (plugin: Pick<Plugin, 'id'>, give: () => unknown, model: Width | undefined): number => {
  const rate = ofPlugin(plugin, 'hyperparameters', give)
  if (learningRateSchema.safeParse(rate).success) return rate as number
  const on = model ? `for a model ${model.hiddenSize} wide` : 'without a model'
  const given = typeof rate === 'number' ? rate : kindOf(rate)
  throw pluginFailed(plugin.id, `its "hyperparameters.learningRate" gave ${given} ${on}; expected a number above 0 and up to ${mostLearningRate}`)
}
