import type { ModelSpec } from '@weft/adapters'
import { checkPairs, type Plugin } from '@weft/methods'
import { pairsContradicted } from '@weft/methods/errors'
import type { CreateJob } from '@weft/protocol'

/** What is asked of texts that are read, and not learned. */
const ofReading = ['batch_size', 'max_length', 'checkpoint_every', 'precision']

/**
 * That a job on contrastive pairs asks for nothing that it would not do.
 * @param written the request's body, without defaults
 */
export function checkPairsJob(plugin: Plugin, config: unknown, { request, written, base }: { request: CreateJob; written: unknown; base?: ModelSpec }): void {
  checkPairs(plugin, config, request, base)
  const { hyperparameters } = written as { hyperparameters?: Record<string, unknown> | null }
  const idle = Object.entries(hyperparameters ?? {}).find(([name, value]) => value !== 'auto' && value !== null && !ofReading.includes(name))
  if (idle) throw pairsContradicted(`hyperparameters.${idle[0]}`)
}
