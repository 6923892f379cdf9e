import type { HyperparametersInput } from '@weft/methods'

/** A chat turn that is asked, and what is to be answered. */
export interface Question {
  /** How it is to be answered: adapter and bare base get the same. */
  system: string
  user: string
  /** What the adapter is taught to write. */
  completion: string
  /** What of it is judged. */
  answer: string
}

/** What the bare base is asked with in place of the question's own instruction. */
export interface BasePrompt {
  system?: string
  examples?: readonly Question[]
}

interface Trained {
  /** What it is published as. */
  name: string
  method: string
  config: Record<string, unknown>
  hyperparameters: HyperparametersInput
}

/** Answers that are right or wrong. */
export interface QuestionTask extends Trained {
  kind: 'questions'
  training: readonly Question[]
  /** By what is new in them. Of no part a row is in the training rows. */
  heldOut: Readonly<Record<string, readonly Question[]>>
  /** How the bare base is asked, by what is said of it: another instruction, examples as turns before the question. The best of them counts. */
  prompts: Readonly<Record<string, BasePrompt>>
  /** Most tokens of an answer. */
  maxTokens: number
  /** Whether an answer has the form that was asked for. */
  keepsForm(text: string): boolean
  /** Whether it says the right thing, in whatever form. */
  says(text: string, answer: string): boolean
  /** The only answers that there are, to which both are held. */
  choices?: readonly string[]
}

/** A manner of writing. */
export interface StyleTask extends Trained {
  kind: 'style'
  training: readonly string[]
  heldOut: readonly string[]
  /** What a text begins with that asks the bare base for the style. */
  instruction: string
  /** What continuations are measured after. */
  openings: readonly string[]
}

export type Task = QuestionTask | StyleTask

/** The rows of a training file. */
export const trainingRows = ({ training }: Task): object[] => training.map(asRow)

/** A passage, or a question with its answer, as a row. */
export const asRow = (row: string | Question): object => {
  if (typeof row === 'string') return { text: row }
  const turns = { system: row.system, user: row.user, assistant: row.completion }
  return { messages: Object.entries(turns).map(([role, content]) => ({ role, content })) }
}
