import { createHash } from 'node:crypto'
import type { Document } from './document.ts'

/** Parts that no document shares. What is in `heldOut` is never learned from, by the base model's pretraining either. */
export interface Split {
  readonly train: Document[]
  readonly heldOut: Document[]
}

/** One document in eight is held out. */
const SHARE = 1 / 8

/**
 * Splits by document; documents of one thread stay together. Within each label threads are ordered by the hash of their
 * name (or of the lone document's id), and the first of them are held out: the same on every machine, in the labels' own
 * proportions, and without a look at the text.
 */
export const split = (documents: readonly Document[]): Split => {
  const heldOut = new Set<string>()
  for (const labelled of Map.groupBy(documents, ({ label }) => label).values()) {
    const threads = [...Map.groupBy(labelled, ({ id, thread }) => thread ?? id)].map(([name, members]) => ({ hash: sha256(name), members }))
    threads.sort((a, b) => (a.hash < b.hash ? -1 : 1))
    const wanted = Math.round(labelled.length * SHARE)
    let taken = 0
    for (const { members } of threads) {
      if (taken + members.length > wanted) continue
      taken += members.length
      for (const { id } of members) heldOut.add(id)
    }
  }
  return { train: documents.filter(({ id }) => !heldOut.has(id)), heldOut: documents.filter(({ id }) => heldOut.has(id)) }
}

const sha256 = (text: string): string => createHash('sha256').update(text).digest('hex')
