import type { ModelSpec } from '@weft/adapters'
import { methodWithoutPairs, pairsContradicted } from '../errors.ts'
import type { FromPairs, Plugin } from '../plugin.ts'

/** Of a job: what only learning by gradient can do something with. */
const ofLearning = ['on', 'from', 'partners', 'locality', 'pooling', 'settles', 'joint'] as const

/**
 * That a method can be computed from contrastive pairs, at this config on this model, and that the job asks for nothing beside. Gives how.
 * Errors 400 `method_without_pairs`, `pairs_contradicted`; what the method refuses, such as `layer_missing`.
 */
export function checkPairs(plugin: Plugin, config: unknown, job: Partial<Record<(typeof ofLearning)[number], unknown>>, model?: ModelSpec): FromPairs<unknown> {
  const { fromPairs } = plugin
  if (!fromPairs) throw methodWithoutPairs(plugin.id)
  const idle = ofLearning.find((field) => job[field] !== undefined && job[field] !== null)
  if (idle) throw pairsContradicted(idle)
  if (model) fromPairs.layers(config, model)
  return fromPairs
}
