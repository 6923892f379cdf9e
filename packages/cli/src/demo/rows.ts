import { type Document, mail, passages, speeches, split, spread, whale } from '@weft/corpora'

/** About 128 tokens of the bundled tokenizer: what the styles are learned on and mails are judged by. */
export const CHARACTERS = 480

/** What of a mail is judged: its subject and its first lines. */
export const excerpt = (text: string): string => text.slice(0, CHARACTERS)

/** Lengths to which mails are cut in turn; the largest is the whole excerpt. */
const LENGTHS = [CHARACTERS, 240, 120, 60, CHARACTERS]
/** What a sentence may be longer than its length, so that few are cut in the middle. */
const OVERHANG = 80

/**
 * What of the i-th mail is learned from: its excerpt, its subject, or one sentence, in turn. Whoever learns whole mails alone tells them by
 * their length and layout, and then takes every short text for spam.
 */
export const part = (text: string, i: number): string => {
  const length = LENGTHS[i % LENGTHS.length]
  if (length === CHARACTERS) return excerpt(text)
  const end = text.indexOf('\n\n')
  const subject = text.slice('Subject: '.length, end)
  const body = text.slice(end + 2).replace(/\s+/g, ' ')
  const sentences = body.split(/(?<=[.!?]) /).filter((each) => each.length > 12 && each.length < length + OVERHANG)
  return i % 3 === 0 ? subject : (sentences[i % Math.max(1, sentences.length)] ?? body.slice(0, length))
}

/** As many of each label. */
export const balanced = (mails: readonly Document[], each: number, read: (text: string, i: number) => string = excerpt): { text: string; label: string }[] => {
  const spam = spread(
    mails.filter(({ label }) => label === 'spam'),
    each,
  )
  const ham = spread(
    mails.filter(({ label }) => label === 'ham'),
    each,
  )
  return spam
    .flatMap((one, i) => [one, ham[i]])
    .map(({ text, label }, i) => ({ text: read(text, i >> 1), label: label! }))
    .filter(({ text }) => text.trim().length > 3)
}

export const jsonLines = (rows: readonly object[]): string => rows.map((row) => `${JSON.stringify(row)}\n`).join('')

type Row = { text: string; label?: string }

/** To learn from, and to measure on. */
export interface DemoRows {
  training: Row[]
  /** Absent: some of the training rows are set aside. */
  heldOut?: Row[]
}

/** Without rows that stand in both: campaigns share sentences. */
const apart = (training: Row[], heldOut: Row[]): Required<DemoRows> => {
  const learned = new Set(training.map(({ text }) => text))
  return { training, heldOut: heldOut.filter(({ text }) => !learned.has(text)) }
}

const styleRows = (documents: readonly Document[]): Required<DemoRows> => {
  const { train, heldOut } = split(documents)
  const rowsOf = (from: readonly Document[], count: number): Row[] => spread(passages(from, CHARACTERS), count).map((text) => ({ text }))
  return apart(rowsOf(train, 720), rowsOf(heldOut, 64))
}

/** What is held out was not seen by the base model either. */
export const demoRows = {
  mail: (): Required<DemoRows> => apart(balanced(split(mail()).train, 1100, part), balanced(split(mail()).heldOut, 130, part)),
  speech: (): Required<DemoRows> => styleRows(speeches()),
  whale: (): Required<DemoRows> => styleRows(whale()),
}

/** Of train parts only, mails as their excerpts: what methods are compared on. */
export const trainingRows = {
  mail: (): DemoRows => ({ training: balanced(split(mail()).train, 1100) }),
  speech: (): DemoRows => ({ training: spread(passages(split(speeches()).train, CHARACTERS), 800).map((text) => ({ text })) }),
  whale: (): DemoRows => ({ training: spread(passages(split(whale()).train, CHARACTERS), 800).map((text) => ({ text })) }),
}
