import { checkDocument, type Plugin } from '@weft/methods'
import { documentContradicted } from '@weft/methods/errors'
import type { CreateJob } from '@weft/protocol'

/**
 * That a job on documents asks for nothing that it would not do.
 * @param written the request's body, without defaults
 */
export function checkDocumentJob(plugin: Plugin, { request, written }: { request: CreateJob; written: unknown }): void {
  const { hyperparameters } = written as { hyperparameters?: Record<string, unknown> | null }
  checkDocument(plugin, { ...request, hyperparameters })
  if (request.validationFile) throw documentContradicted('validation_file')
}
