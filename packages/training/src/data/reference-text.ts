import { mail, speeches, split, whale } from '@weft/corpora'
import { type RowMessage, readTrainingRows, type TrainingRow } from '@weft/protocol'

/** A chat as the model is asked, so that the text has the format that requests have. */
export type Render = (messages: readonly RowMessage[], addGenerationPrompt: boolean) => string

/** Passages of each bundled corpus, and their length in characters: about 64 tokens. */
const EACH = 96
const LENGTH = 280

/** Most texts of a file that are used, evenly spaced, and most characters of each: a batch has room for 64 tokens of a row. */
const MOST = 1024
export const LONGEST = 1000

/** A text that counts, after one that is only read. */
export interface ReferenceText {
  before: string
  text: string
  /** Whether what would be said next counts too: an answer that is not known. */
  answered?: boolean
  /** Whether the special tokens of a beginning are written in it: a chat's template writes them itself. */
  begun?: true
}

/**
 * Reference text: a file's rows, or passages of the bundled corpora. As in training, a prompt is read and its completion counts.
 */
export const referenceTexts = async (file: string | Uint8Array | undefined, render: Render): Promise<ReferenceText[]> => {
  if (file === undefined) return bundled().map((text) => ({ before: '', text }))
  const { rows } = await readTrainingRows(file, { file: 'reference' })
  const used = Math.min(MOST, rows.length)
  return Array.from({ length: used }, (_, i) => textOf(rows[Math.floor((i * rows.length) / used)].row, render)).map(({ before, text, ...more }) => ({
    before: before.slice(-LONGEST),
    text: text.slice(0, LONGEST),
    ...more,
  }))
}

const textOf = (row: TrainingRow, render: Render): ReferenceText => {
  // Without the functions that may be called: they stand in front, the same in most rows, and longer than what is used of a text.
  if (row.kind === 'messages') return { before: '', text: render(row.messages, false), begun: true }
  if ('tokens' in row) return { before: '', text: (row.tokens as string[]).join(' ') }
  if (row.kind === 'pair') return { before: row.prompt ?? '', text: row.positive }
  if (row.kind === 'document') return { before: '', text: row.document }
  if (row.kind === 'completion')
    return { before: row.prompt, text: typeof row.completion === 'string' ? row.completion : row.completion.map(({ text }) => text).join('') }
  return { before: '', text: row.text }
}

const bundled = (): string[] => {
  const corpora = [speeches(), whale(), mail()].map((documents) => split(documents).train.map(({ text }) => text.replace(/\s+/g, ' ')))
  return Array.from({ length: EACH }, (_, i) => corpora.map((texts) => passage(texts[Math.floor((i * texts.length) / EACH)]))).flat()
}

/** From the middle, where a text is most like itself. */
const passage = (text: string): string => {
  const middle = text.indexOf(' ', Math.floor(Math.max(0, text.length - LENGTH) / 2)) + 1
  return text.slice(middle, middle + LENGTH)
}
