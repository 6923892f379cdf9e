import { defaultHyperparameters, PluginRegistry, usualHyperparameters } from '@weft/methods'
import plugins from '@weft/plugins'
import type { BenchComposeOptions } from '../../compose/options.ts'
import { models } from '../models.ts'

/** What `weft bench compose` has unless it is told otherwise. */
export const usualComposition = {
  steps: 64,
  phaseSteps: 64,
  eval: 72,
  virtualTokens: 16,
  batch: 4,
  phaseLearningRate: 5e-3,
  probability: 1,
  localityWeight: 2,
} satisfies Partial<BenchComposeOptions>

/** A method's own default on a model: one rate for all would favour whom it suits. A model that is none of the page's has that of small ones. */
export const rateOf = (method: string, model: string): number => {
  const width = models[model]?.width
  return defaultHyperparameters(usualHyperparameters(new PluginRegistry(plugins).get(method), width === undefined ? undefined : { hiddenSize: width }))
    .learningRate
}
