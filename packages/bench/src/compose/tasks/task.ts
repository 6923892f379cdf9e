import { type AnsweredProbe, type Probe, probesOfRows, settledProbes, type TrainingRow } from '@weft/protocol'

/** A prompt and what may be answered to it. */
export interface Question {
  prompt: string
  answer: string
}

/** What an adapter is trained for: a label, a style or a format. */
export type Task =
  | { kind: 'label' | 'format'; rows: Question[]; heldOut: Question[]; unlabelled: Question[]; answers: string[] }
  | { kind: 'style'; rows: { text: string }[]; heldOut: { text: string }[]; unlabelled: { text: string }[] }

/** Tasks that are to be composed, and text that belongs to none of them. */
export interface TaskSet {
  tasks: Record<string, Task>
  reference: { text: string }[]
  /** Most tokens of a row. */
  maxLength: number
}

/** What another adapter may be asked beside this one, as a published adapter carries it: of the answers nothing goes along but how all of them begin. */
export const probesOf = (task: Task): Probe[] =>
  probesOfRows(
    task.kind === 'style'
      ? task.unlabelled.map(({ text }) => ({ kind: 'text', text }))
      : task.unlabelled.map(({ prompt }, i) => ({ kind: 'completion', prompt, completion: task.answers[i % task.answers.length] })),
  )

/** What the others of a stack are silent on while it is settled. */
export const settledProbesOf = (task: Task): AnsweredProbe[] => settledProbes(trainingRows(task), probesOf(task))

const trainingRows = ({ rows }: Task): TrainingRow[] =>
  rows.map((row) => ('answer' in row ? { kind: 'completion', prompt: row.prompt, completion: row.answer } : { kind: 'text', text: row.text }))
