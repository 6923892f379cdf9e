import type { Tokenizer } from '@weft/model'
import type { TokenRow } from '../data/token-row.ts'
import { questionAbout, sentencesOf } from './reference-texts.ts'

/** Tokens of a row. */
export const STUDY_LENGTH = 128

/** How a passage is led up to, one after another. */
const LEADS = ['\n\nThe text again, word for word:\n', '\n\nFrom the text: ', '\n\nSummary of the text: ']

/**
 * What is said behind a document for it to be studied by, all of it made of the document: its passages in overlapping stretches, and questions about every
 * sentence with the sentence as the answer. Every position counts but the first, whose prediction is the prefix's alone.
 */
export function studyRows(documents: readonly (readonly number[])[], tokenizer: Tokenizer): TokenRow[] {
  const encode = (text: string): number[] => [...tokenizer.encode(text, { addSpecialTokens: false })]
  const leads = LEADS.map(encode)
  return documents.flatMap((ids) => {
    const passages = Array.from({ length: Math.max(1, Math.ceil((2 * ids.length) / STUDY_LENGTH) - 1) }, (_, i) => {
      const lead = leads[i % leads.length]
      return [...lead, ...ids.slice((i * STUDY_LENGTH) / 2, (i * STUDY_LENGTH) / 2 + STUDY_LENGTH - lead.length)]
    })
    const questions = sentencesOf(tokenizer.decode(ids)).map((sentence) => encode(questionAbout(sentence)))
    return [...passages, ...questions].map(rowOf)
  })
}

const rowOf = (ids: readonly number[]): TokenRow => {
  const tokens = Uint32Array.from(ids.slice(0, STUDY_LENGTH))
  return { tokens, weights: Float32Array.from(tokens, (_, t) => (t === 0 ? 0 : 1 / Math.max(1, tokens.length - 1))), rowWeight: 1 }
}
