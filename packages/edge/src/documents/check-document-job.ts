import { checkDocument, type Plugin } from '@weft/methods'
import { documentContradicted } from '@weft/methods/errors'
import type { CreateJob } from '@weft/protocol'

/** What is asked of rows that a file holds. */
const ofRows = ['n_epochs', 'max_steps', 'gradient_accumulation', 'max_length', 'eval_every', 'patience']

/**
 * That a job on documents asks for nothing that it would not do.
 * @param written the request's body, without defaults
 */
export function checkDocumentJob(plugin: Plugin, { request, written }: { request: CreateJob; written: unknown }): void {
  checkDocument(plugin, request)
  if (request.validationFile) throw documentContradicted('validation_file')
  const { hyperparameters } = written as { hyperparameters?: Record<string, unknown> | null }
  // Steps are said where the study is.
  const learned = (name: string): boolean => Boolean(request.document?.selfStudy) && !ofRows.includes(name)
  const idle = Object.entries(hyperparameters ?? {}).find(([name, value]) => value !== 'auto' && value !== null && name !== 'precision' && !learned(name))
  if (idle) throw documentContradicted(`hyperparameters.${idle[0]}`)
}
