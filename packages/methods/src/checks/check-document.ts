import { documentContradicted, methodWithoutDocument, studyMissing } from '../errors.ts'
import { idleHyperparameter } from '../hyperparameters.ts'
import type { FromDocument, Plugin } from '../plugin.ts'

/** Of a job: what only learning from rows can do something with. */
const ofLearning = ['on', 'from', 'partners', 'locality', 'pooling', 'settles', 'joint', 'pairs'] as const

/** Hyperparameters of rows that a file holds. */
const ofRows = ['n_epochs', 'max_steps', 'gradient_accumulation', 'max_length', 'eval_every', 'patience']

/** A job on documents. `hyperparameters`: those that were asked for, without defaults, in either spelling. */
type DocumentJob = Partial<Record<(typeof ofLearning)[number], unknown>> & {
  hyperparameters?: Readonly<Record<string, unknown>> | null | undefined
  document?: { selfStudy?: unknown } | null | undefined
}

/** How a method is computed from documents. Error 400 `method_without_document`. */
export function fromDocumentOf({ id, fromDocument }: Plugin): FromDocument<unknown> {
  if (!fromDocument) throw methodWithoutDocument(id)
  return fromDocument
}

/**
 * That a method can be computed from documents, and that the job asks for nothing beside. Gives how.
 * Errors 400 `method_without_document`, `document_contradicted`.
 */
export function checkDocument(plugin: Plugin, job: DocumentJob): FromDocument<unknown> {
  const fromDocument = fromDocumentOf(plugin)
  const idle = ofLearning.find((field) => job[field] !== undefined && job[field] !== null)
  if (idle) throw documentContradicted(idle)
  // Steps are said where the study is.
  const learns = Boolean(job.document?.selfStudy)
  const unused = idleHyperparameter(job.hyperparameters, (name) => name === 'precision' || (learns && !ofRows.includes(name)))
  if (unused) throw (learns || ofRows.includes(unused) ? documentContradicted : studyMissing)(`hyperparameters.${unused}`)
  return fromDocument
}
