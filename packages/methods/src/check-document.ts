import { documentContradicted, methodWithoutDocument } from './errors.ts'
import type { FromDocument, Plugin } from './plugin.ts'

/** Of a job: what only learning from rows can do something with. */
const ofLearning = ['on', 'from', 'partners', 'locality', 'pooling', 'settles', 'joint', 'pairs'] as const

/**
 * That a method can be computed from documents, and that the job asks for nothing beside. Gives how.
 * Errors 400 `method_without_document`, `document_contradicted`.
 */
export function checkDocument(plugin: Plugin, job: Partial<Record<(typeof ofLearning)[number], unknown>>): FromDocument<unknown> {
  const { fromDocument } = plugin
  if (!fromDocument) throw methodWithoutDocument(plugin.id)
  const idle = ofLearning.find((field) => job[field] !== undefined && job[field] !== null)
  if (idle) throw documentContradicted(idle)
  return fromDocument
}
