import { defaultHyperparameters, PluginRegistry } from '@weft/methods'
import plugins from '@weft/plugins'
import type { BenchComposeOptions } from '../../compose/options.ts'

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

/** A method's own default: one rate for all would favour whom it suits. */
export const rateOf = (method: string): number => defaultHyperparameters(new PluginRegistry(plugins).get(method).hyperparameters).learningRate
