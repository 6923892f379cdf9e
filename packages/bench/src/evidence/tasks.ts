import { type Document, mail, passages, speeches, split, spread, whale } from '@weft/corpora'
import { bundledTasks as composedTasks } from '../compose/tasks/bundled-tasks.ts'
import type { Question } from '../compose/tasks/task.ts'
import { balancedTask, bundledTasks as classifiers } from '../defaults/bundled-tasks.ts'
import type { Row, SplitTask } from '../defaults/task.ts'
import { models } from './models.ts'
import type { Form } from './part.ts'

/** Characters of a text that a model's forgetting is measured on. */
const CHARACTERS = 230

/** Addresses before this year are of other parties, or say other things by the same names. */
const FIRST_YEAR = 1860

const HELD_OUT_LABELLED = 240
const HELD_OUT_LANGUAGE = 72
const CHOSEN_ON = 128
const LEARNED_LANGUAGE = 800

export const classificationTasks = ['mail/spam', 'mail/list', 'speech/era', 'speech/party'] as const
export const languageTasks = ['style/whale', 'format/json'] as const

/** Those that most parts look at. In the short form an encoder, which is slower to read with, has one. */
export const labelTasksOf = (model: string, form: Form): readonly string[] =>
  form === 'short' && models[model].encoder ? ['mail/spam'] : ['mail/spam', 'speech/era']

/** Real tasks from the corpora that come along; each is made when it is first asked for. Documents are held out whole. */
export const taskOf = (name: string): SplitTask => {
  const known = made.get(name) ?? makers[name]!()
  made.set(name, known)
  return known
}

const made = new Map<string, SplitTask>()

const classifier = (name: string) => (): SplitTask => shortened(classifiers()[name]!)

const shortened = (task: SplitTask): SplitTask => ({ ...task, heldOut: task.heldOut.slice(0, HELD_OUT_LABELLED) })

const makers: Readonly<Record<string, () => SplitTask>> = {
  'mail/spam': classifier('mail/spam'),
  'mail/list': classifier('mail/list'),
  'speech/era': classifier('speech/era'),
  // Which of two parties an address is of.
  'speech/party': () => shortened(balancedTask(speeches(), partyOf)),
  // The prose of Moby Dick.
  'style/whale': () => {
    const { rows, heldOut } = composedTask('B')
    return { training: rows.slice(CHOSEN_ON), validation: rows.slice(0, CHOSEN_ON), heldOut }
  },
  // Where a text is from, as JSON.
  'format/json': () => {
    const { rows, heldOut } = composedTask('D')
    return { training: rows.slice(CHOSEN_ON), validation: rows.slice(0, CHOSEN_ON), heldOut }
  },
  'domain/mail': () => domain(mail().filter(({ label }) => label === 'ham')),
  'domain/novel': () => domain(whale()),
  'domain/speech': () => domain(speeches()),
}

/** Passages of a corpus. */
const domain = (documents: readonly Document[]): SplitTask => {
  const { train, heldOut } = split(documents)
  const rows = (of: readonly Document[], count: number): Row[] => spread(passages(of, CHARACTERS), count).map((text) => ({ text }))
  const learned = rows(train, LEARNED_LANGUAGE)
  return { training: learned.slice(CHOSEN_ON), validation: learned.slice(0, CHOSEN_ON), heldOut: rows(heldOut, HELD_OUT_LANGUAGE) }
}

/** A task that composition is measured with, in rows of a training file. */
const composedTask = (name: string): { rows: Row[]; heldOut: Row[] } => {
  const { rows, heldOut } = composedTasks(HELD_OUT_LANGUAGE).tasks[name]!
  const asRows = (of: readonly (Question | { text: string })[]): Row[] =>
    of.map((row) => ('answer' in row ? { prompt: row.prompt, completion: row.answer } : row))
  return { rows: asRows(rows), heldOut: asRows(heldOut) }
}

/** Passages of an address, by the party in its name: `1862_abraham_lincoln_r`. */
const partyOf = ({ id, text }: Document): { text: string; label: string }[] => {
  const [, year, party] = /(\d{4})_.*_([a-z]+)$/.exec(id) ?? []
  const label = { r: 'republican', d: 'democrat' }[party ?? '']
  if (label === undefined || Number(year) < FIRST_YEAR) return []
  return spread(passages([{ id, text }], CHARACTERS), 12).map((passage) => ({ text: passage, label }))
}

/** Held-out text of a corpus that the task has nothing to do with: the novel for speeches, speeches for all else. */
export const foreignTexts = (task: string, count: number): string[] =>
  spread(passages((task.startsWith('speech/') ? split(whale()) : split(speeches())).heldOut, CHARACTERS), count)

/** A classification task of another corpus. */
export const foreignTask = (task: string): string => (task.startsWith('speech/') ? 'mail/spam' : 'speech/era')
