import { mail, split, speeches, whale } from '@weft/corpora'
import { parseRows } from './jsonl.ts'

/** Passages of each bundled corpus, and their length in characters: about 64 tokens. */
const EACH = 96
const LENGTH = 280

/** Text that is none of an adapter's business: of a file's rows, prompts and answers alike, or passages of the bundled corpora. */
export const foreignTexts = (file?: string | Uint8Array): string[] => (file === undefined ? bundled() : parseRows('foreign', file).map(({ row }) => {
  if ('tokens' in row) return (row.tokens as string[]).join(' ')
  if ('messages' in row) return row.messages.map(({ content }) => content).join('\n')
  if ('tokens' in row) return (row.tokens as string[]).join(' ')
  return 'prompt' in row ? row.prompt + row.completion : row.text
}))

const bundled = (): string[] => {
  const corpora = [speeches(), whale(), mail()].map((documents) => split(documents).train.map(({ text }) => text.replace(/\s+/g, ' ')))
  return Array.from({ length: EACH }, (_, i) => corpora.map((texts) => passage(texts[Math.floor((i * texts.length) / EACH)]))).flat()
}

/** From the middle, where a text is most like itself. */
const passage = (text: string): string => {
  const middle = text.indexOf(' ', Math.floor(Math.max(0, text.length - LENGTH) / 2)) + 1
  return text.slice(middle, middle + LENGTH)
}
