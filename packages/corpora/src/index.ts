/**
 * Three corpora from packages, split by document into train and held-out parts before anything is learned.
 *
 * @example
 * const { train, heldOut } = split(mail())
 */
import type { CorpusName, Document } from './document.ts'
import { mail } from './mail.ts'
import { speeches } from './speeches.ts'
import { whale } from './whale.ts'

export type { CorpusName, Document, Label } from './document.ts'
export { CorpusError } from './errors.ts'
export { passages, spread } from './passages.ts'
export { type Split, split } from './split.ts'
export { mail, speeches, whale }

/** The corpora by name, read when called. */
export const corpora: Record<CorpusName, () => Document[]> = { speech: speeches, whale, mail }
