import type { ModelSpec } from '@weft/adapters'
import { checkPairs, type Plugin } from '@weft/methods'
import type { CreateJob } from '@weft/protocol'

/**
 * That a job on contrastive pairs asks for nothing that it would not do.
 * @param written the request's body, without defaults
 */
export function checkPairsJob(plugin: Plugin, config: unknown, { request, written, base }: { request: CreateJob; written: unknown; base?: ModelSpec }): void {
  const { hyperparameters } = written as { hyperparameters?: Record<string, unknown> | null }
  checkPairs(plugin, config, { ...request, hyperparameters }, base)
}
