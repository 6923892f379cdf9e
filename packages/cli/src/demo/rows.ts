import { type Document, mail, speeches, split, whale } from '@weft/corpora'

/** About 128 tokens of the bundled tokenizer: what the styles are learned on and mails are judged by. */
export const CHARACTERS = 480

/** Paragraphs joined to passages of about that length, cut at a sentence's end where one is near. */
export const passages = (documents: readonly Document[], length = CHARACTERS): string[] =>
  documents.flatMap(({ text }) => {
    const found: string[] = []
    let rest = text.replace(/\s+/g, ' ')
    while (rest.length >= length / 2) {
      const sentence = rest.lastIndexOf('. ', length)
      const end = rest.length <= length ? rest.length : sentence > length / 2 ? sentence + 1 : Math.max(rest.lastIndexOf(' ', length), length / 2)
      found.push(rest.slice(0, end))
      rest = rest.slice(end).trimStart()
    }
    return found
  })

/** Every n-th of them, so that all documents have their say. */
export const spread = <T>(values: readonly T[], count: number): T[] => {
  const step = Math.max(1, values.length / count)
  return Array.from({ length: Math.min(count, values.length) }, (_, i) => values[Math.floor(i * step)])
}

/** What of a mail is judged: its subject and its first lines. */
export const excerpt = (text: string): string => text.slice(0, CHARACTERS)

/** As many of each label. */
export const balanced = (mails: readonly Document[], each: number): { text: string; label: string }[] => {
  const spam = spread(
    mails.filter(({ label }) => label === 'spam'),
    each,
  )
  const ham = spread(
    mails.filter(({ label }) => label === 'ham'),
    each,
  )
  return spam.flatMap((one, i) => [one, ham[i]]).map(({ text, label }) => ({ text: excerpt(text), label: label! }))
}

export const jsonLines = (rows: readonly object[]): string => rows.map((row) => `${JSON.stringify(row)}\n`).join('')

/** Train parts only; what is held out is for measuring and for showing. */
export const trainingRows = {
  mail: (): object[] => balanced(split(mail()).train, 1100),
  speech: (): object[] => spread(passages(split(speeches()).train), 800).map((text) => ({ text })),
  whale: (): object[] => spread(passages(split(whale()).train), 800).map((text) => ({ text })),
}
