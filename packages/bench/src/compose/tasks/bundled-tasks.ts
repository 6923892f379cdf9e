import { Random } from '@weft/adapters'
import { mail, speeches, split, whale } from '@weft/corpora'
import { spread } from './spread.ts'
import type { Question, Task, TaskSet } from './task.ts'

/** Characters of a text in a question, and of a passage: about 32 and 56 tokens. */
export const QUESTION = 130
export const PASSAGE = 230

const flat = (text: string): string => text.replace(/\s+/g, ' ').trim()
/** From the middle, where a text is most like itself. */
const middle = (text: string, length: number): string => {
  const at = text.indexOf(' ', Math.max(0, Math.floor((text.length - length) / 2))) + 1
  return text.slice(at, at + length)
}
const pieces = (text: string, length: number): string[] =>
  Array.from({ length: Math.floor(text.length / (8 * length)) }, (_, i) => text.slice(text.indexOf(' ', 8 * i * length) + 1).slice(0, length))
export const shuffled = <T>(values: readonly T[], seed: string): T[] => [...new Random(seed).permutation(values.length)].map((i) => values[i])

/** The frame that labels and formats are asked in. */
export const ask = (text: string, question: string): string => `${text}\n\nQuestion: ${question}\nAnswer:`
const isSpam = (text: string): string => ask(flat(text).slice(0, QUESTION), 'Is this mail spam or ham?')
const fromWhere = (text: string): string => ask(middle(text, QUESTION), 'Where is this text from: mail, novel or speech? Answer as JSON.')

/** Questions that no adapter is trained for, in the frame that those for which it is have. */
const others = [
  'What is this text about?',
  'Who wrote this?',
  'Is this text long or short?',
  'Which language is this?',
  'Summarize it in one word.',
  'When was this written?',
  'Is it day or night?',
  'Name a color.',
  'Continue the text.',
  'What comes next?',
  'How does the reader feel?',
  'Is this question easy?',
]

const each = <T>(groups: readonly T[][]): T[] => groups[0].flatMap((_, i) => groups.flatMap((group) => (group[i] === undefined ? [] : [group[i]])))

const MAX_LENGTH = 64

/** The three tasks: spam or ham (A), the prose of Moby Dick (B), and the source of a text as JSON (D). Held-out documents share nothing with the others. */
export const bundledTasks = (heldOut: number): TaskSet => {
  const mails = split(mail())
  const corpora = { mail: mails, novel: split(whale()), speech: split(speeches()) }
  const labelled = (part: 'train' | 'heldOut', count: number): Question[] =>
    each(
      ['spam', 'ham'].map((label) =>
        spread(
          mails[part].filter((each) => each.label === label),
          count / 2,
        ).map(({ text }) => ({ prompt: isSpam(text), answer: ` ${label}` })),
      ),
    )
  const sourced = (part: 'train' | 'heldOut', count: number): Question[] =>
    each(
      Object.entries(corpora).map(([source, documents]) =>
        spread(
          shuffled(
            documents[part].flatMap(({ text }) => (source === 'mail' ? [flat(text)] : pieces(flat(text), QUESTION))),
            source,
          ),
          count / 3,
        ).map((text) => ({ prompt: fromWhere(text), answer: json(source) })),
      ),
    )
  const passages = (part: 'train' | 'heldOut', count: number): { text: string }[] =>
    spread(
      shuffled(
        corpora.novel[part].flatMap(({ text }) => pieces(flat(text), PASSAGE)),
        'whale',
      ),
      count,
    ).map((text) => ({ text }))
  const tasks: Record<string, Task> = {
    A: { kind: 'label', rows: labelled('train', 1200), heldOut: labelled('heldOut', heldOut), unlabelled: labelled('train', 32), answers: [' spam', ' ham'] },
    B: { kind: 'style', rows: passages('train', 800), heldOut: passages('heldOut', heldOut), unlabelled: passages('train', 32) },
    D: {
      kind: 'format',
      rows: sourced('train', 1200),
      heldOut: sourced('heldOut', heldOut),
      unlabelled: sourced('train', 36),
      answers: Object.keys(corpora).map(json),
    },
  }
  return { tasks, reference: referenceTexts(), maxLength: MAX_LENGTH }
}

const json = (source: string): string => ` {"source": "${source}"}`

/** Reference text: other questions in the same prompt format, and passages of mails and speeches. Nothing of the three tasks, nothing of the novel. */
export const referenceTexts = (): { text: string }[] => {
  const texts = shuffled(
    [...spread(split(mail()).train, 240), ...spread(split(speeches()).train, 240)].map(({ text }) => flat(text)),
    'reference',
  )
  return texts.map((text, i) => ({ text: i % 2 === 0 ? `${ask(middle(text, QUESTION), others[(i / 2) % others.length])} ` : middle(text, PASSAGE) }))
}

/** The style of an adapter that is used as a partner only. */
export const partnerStyle = (): { text: string }[] =>
  spread(
    shuffled(
      split(speeches()).train.flatMap(({ text }) => pieces(flat(text), PASSAGE)),
      'partner',
    ),
    400,
  ).map((text) => ({ text }))
