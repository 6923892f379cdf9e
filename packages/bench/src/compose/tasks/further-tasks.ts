import { passages, speeches, split, spread } from '@weft/corpora'
import { bundledTasks as classifiers } from '../../defaults/bundled-tasks.ts'
import type { SplitTask } from '../../defaults/task.ts'
import { ask, bundledTasks, PASSAGE, QUESTION, shuffled } from './bundled-tasks.ts'
import type { Question, Task } from './task.ts'

/** Characters of a mail in a question: addresses and markup make more tokens of them than of prose. */
const MAIL = 105

/** Held-out rows of each at most, of which a label gains some tens; and what is asked of each without an answer. */
const HELD_OUT = 144
const UNLABELLED = 40
const TRAINING = 800

/**
 * Two labels (the time of a speech, the mailing list of a mail), two styles (the prose of presidents, that of a novel) and two formats (a mail's kind as YAML, a
 * text's source as JSON). `novel` and `json` are two of the three that composition is measured with by itself. Documents are held out whole; what is unlabelled is
 * of documents of its own, but for those two.
 */
export const furtherTasks = (): Record<string, Task> => {
  const { 'speech/era': era, 'mail/list': list, 'mail/spam': spam } = classifiers()
  const { B: novel, D: source } = bundledTasks(HELD_OUT).tasks
  return {
    era: label(era!, QUESTION, 'When was this said: young republic, gilded age or our time?'),
    json: source!,
    list: label(list!, MAIL, 'Which mailing list was this mail sent to?'),
    novel: novel!,
    speech: speechStyle(),
    yaml: { ...questions(spam!, MAIL, 'What kind of mail is this? Answer as YAML.', (kind) => `\n---\nkind: ${kind}`), kind: 'format' },
  }
}

const label = (task: SplitTask, length: number, question: string): Task => ({ ...questions(task, length, question, (name) => ` ${name}`), kind: 'label' })

/** A classifier's rows as questions. No answer has more held-out rows than its share. */
const questions = (
  { training, validation, heldOut }: SplitTask,
  length: number,
  question: string,
  answerOf: (label: string) => string,
): Omit<Task & { kind: 'label' }, 'kind'> => {
  const asked = (rows: SplitTask['training']): Question[] =>
    rows.flatMap((row) => ('label' in row ? [{ prompt: ask(row.text.slice(0, length), question), answer: answerOf(row.label) }] : []))
  const rows = asked(training)
  const answers = [...new Set(rows.map(({ answer }) => answer))].sort()
  const share = Math.floor(HELD_OUT / answers.length)
  const even = answers.flatMap((answer) =>
    asked(heldOut)
      .filter((row) => row.answer === answer)
      .slice(0, share),
  )
  return { rows, answers, heldOut: shuffled(even, question), unlabelled: asked(validation).slice(0, UNLABELLED) }
}

const speechStyle = (): Task => {
  const { train, heldOut } = split(speeches())
  const { train: learned, heldOut: shown } = split(train)
  const texts = (documents: typeof train, count: number): { text: string }[] =>
    spread(shuffled(passages(documents, PASSAGE), 'speech'), count).map((text) => ({ text }))
  return { kind: 'style', rows: texts(learned, TRAINING), heldOut: texts(heldOut, HELD_OUT), unlabelled: texts(shown, UNLABELLED) }
}
