import { createHash } from 'node:crypto'
import type { Document } from './document.ts'

/** Parts that no document shares. What is in `heldOut` is never learned from, by the base model's pretraining either. */
export interface Split {
  readonly train: Document[]
  readonly heldOut: Document[]
}

/** One document in eight is held out. */
const EIGHTH = 8

/**
 * Splits by document. Within each label documents are ordered by the hash of their id and every eighth is held out: the
 * same on every machine, in the labels' own proportions, and without a look at the text.
 */
export const split = (documents: readonly Document[]): Split => {
  const heldOut = new Set<string>()
  for (const group of Map.groupBy(documents, ({ label }) => label).values()) {
    const ids = group.map(({ id }) => ({ id, hash: createHash('sha256').update(id).digest('hex') }))
    ids.sort((a, b) => (a.hash < b.hash ? -1 : 1))
    ids.forEach(({ id }, rank) => rank % EIGHTH === EIGHTH - 1 && heldOut.add(id))
  }
  return { train: documents.filter(({ id }) => !heldOut.has(id)), heldOut: documents.filter(({ id }) => heldOut.has(id)) }
}
