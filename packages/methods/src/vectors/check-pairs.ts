import type { ModelSpec } from '@weft/adapters'
import { methodWithoutPairs, pairsContradicted } from '../errors.ts'
import { idleHyperparameter } from '../hyperparameters.ts'
import type { FromPairs, Plugin } from '../plugin.ts'

/** Of a job: what only learning by gradient can do something with. */
const ofLearning = ['on', 'from', 'partners', 'locality', 'pooling', 'settles', 'joint'] as const

/** Hyperparameters of texts that are read, and not learned. */
const ofReading = ['batch_size', 'max_length', 'checkpoint_every', 'precision']

/** A job on pairs. `hyperparameters`: those that were asked for, without defaults, in either spelling. */
type PairsJob = Partial<Record<(typeof ofLearning)[number], unknown>> & { hyperparameters?: Readonly<Record<string, unknown>> | null | undefined }

/** How a method is computed from contrastive pairs. Error 400 `method_without_pairs`. */
export function fromPairsOf({ id, fromPairs }: Plugin): FromPairs<unknown> {
  if (!fromPairs) throw methodWithoutPairs(id)
  return fromPairs
}

/**
 * That a method can be computed from contrastive pairs, at this config on this model, and that the job asks for nothing beside. Gives how.
 * Errors 400 `method_without_pairs`, `pairs_contradicted`; what the method refuses, such as `layer_missing`.
 */
export function checkPairs(plugin: Plugin, config: unknown, job: PairsJob, model?: ModelSpec): FromPairs<unknown> {
  const fromPairs = fromPairsOf(plugin)
  const idle = ofLearning.find((field) => job[field] !== undefined && job[field] !== null)
  if (idle) throw pairsContradicted(idle)
  const unused = idleHyperparameter(job.hyperparameters, (name) => ofReading.includes(name))
  if (unused) throw pairsContradicted(`hyperparameters.${unused}`)
  if (model) fromPairs.layers(config, model)
  return fromPairs
}
