import { mail, split, speeches, whale } from '@weft/corpora'
import { messageText } from '@weft/core'
import { type NumberedRow, parseRows } from './jsonl.ts'

type Render = (messages: { role: string; content: string }[]) => string

/** Passages of each bundled corpus, and their length in characters: about 64 tokens. */
const EACH = 96
const LENGTH = 280

/** Most texts of a file that are used, every so-manieth, and most characters of each: a batch has room for 64 tokens of a row. */
const MOST = 1024
const LONGEST = 1000

/**
 * Text that is none of an adapter's business: of a file's rows, prompts and answers alike, or passages of the bundled corpora.
 * @param render a chat as the model is asked, so that silence is learned in the frame that it will be kept in
 */
export const foreignTexts = (file: string | Uint8Array | undefined, render: Render): string[] => {
  if (file === undefined) return bundled()
  const rows = parseRows('foreign', file)
  const used = Math.min(MOST, rows.length)
  return Array.from({ length: used }, (_, i) => textOf(rows[Math.floor((i * rows.length) / used)].row, render).slice(0, LONGEST))
}

const textOf = (row: NumberedRow['row'], render: Render): string => {
  if ('messages' in row) return render(row.messages.map((message) => ({ role: message.role, content: messageText(message) })))
  if ('tokens' in row) return (row.tokens as string[]).join(' ')
  if ('prompt' in row) return row.prompt + (typeof row.completion === 'string' ? row.completion : row.completion.map(({ text }) => text).join(''))
  return row.text
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
