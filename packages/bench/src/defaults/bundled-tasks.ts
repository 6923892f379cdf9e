import { Random } from '@weft/adapters'
import { type Document, mail, speeches, split } from '@weft/corpora'
import type { SplitTask } from './task.ts'

/** Characters of a text: about 55 tokens. */
const CHARACTERS = 240

const TRAINING = 1024
const VALIDATION = 128
const HELD_OUT = 400

/** Taken of each address, evenly over it. */
const PASSAGES = 12

/** Mailing lists of the corpus that have enough mails; each writes its name before its subjects. */
const LISTS = ['ILUG', 'Razor-users', 'SAtalk', 'Spambayes', 'zzzzteana']

/** Three times, far from one another, of which a passage is to be told: first and last years. */
const TIMES: readonly [number, number, string][] = [
  [1790, 1835, 'young republic'],
  [1881, 1925, 'gilded age'],
  [1971, 2021, 'our time'],
]

type Labelled = { text: string; label: string }

/** Three classifiers of texts: spam or ham, which of five mailing lists a mail went to, and which of three times a speech is of. Documents are held out whole. */
export const bundledTasks = (): Record<string, SplitTask> => ({
  'mail/spam': balancedTask(mail(), ({ text, label }) => [{ text, label: label! }]),
  'mail/list': balancedTask(mail(), listed),
  'speech/era': balancedTask(speeches(), ofEra),
})

/** No label has more rows than its share. What is not held out is learned from, but for one row in seven, which settings are chosen on: of documents of its own. */
export const balancedTask = (documents: Document[], rowsOf: (document: Document) => Labelled[]): SplitTask => {
  const { train, heldOut } = split(documents)
  const { train: learned, heldOut: chosenOn } = split(train)
  const rows = (part: readonly Document[], count: number): Labelled[] => balanced(part.flatMap(rowsOf).map(short), count)
  return { training: rows(learned, TRAINING), validation: rows(chosenOn, VALIDATION), heldOut: rows(heldOut, HELD_OUT) }
}

/** Without the list's name, which the subject begins with. */
const listed = ({ text }: Document): Labelled[] => {
  const name = /^Subject: (?:re:\s*)?\[([\w-]+)\]\s*/i.exec(text)
  const label = LISTS.find((list) => list.toLowerCase() === name?.[1].toLowerCase())
  return label === undefined ? [] : [{ text: `Subject: ${text.slice(name![0].length)}`, label }]
}

/** Passages of an address, a few of each, by its year. */
const ofEra = ({ id, text }: Document): Labelled[] => {
  const year = Number(/\d{4}/.exec(id)![0])
  const label = TIMES.find(([first, last]) => year >= first && year <= last)?.[2]
  if (label === undefined) return []
  const flat = text.replace(/\s+/g, ' ')
  return Array.from({ length: PASSAGES }, (_, i) => flat.indexOf(' ', Math.floor(((i + 1) / (PASSAGES + 2)) * flat.length)) + 1)
    .map((at) => ({ text: flat.slice(at, at + CHARACTERS), label }))
    .filter((passage) => passage.text.length === CHARACTERS)
}

const short = ({ text, label }: Labelled): Labelled => ({ text: text.replace(/\s+/g, ' ').trim().slice(0, CHARACTERS), label })

/** At most `count` rows, of which no label has more than its share. */
const balanced = (rows: readonly Labelled[], count: number): Labelled[] => {
  const byLabel = [...Map.groupBy(rows, ({ label }) => label)]
  return shuffled(
    byLabel.flatMap(([label, all]) => shuffled(all, label).slice(0, Math.floor(count / byLabel.length))),
    'rows',
  )
}

const shuffled = <T>(values: readonly T[], seed: string): T[] => [...new Random(seed).permutation(values.length)].map((i) => values[i])
