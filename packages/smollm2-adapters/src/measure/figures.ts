import type { ModelSession } from '@weft/session'
import type { Question, Task } from '../tasks/task.ts'
import { answers } from './questions.ts'
import { styleOf } from './style.ts'

/** What was measured, by part of the held-out rows and by measure. */
export type Figures = Record<string, Record<string, number>>

type OnAnswer = (question: Question, text: string) => void

/** An adapter on its own task. */
export const measured = async (session: ModelSession, expression: string, task: Task, onAnswer?: OnAnswer): Promise<Figures> => {
  if (task.kind === 'style') return { 'new chapters': { ...(await styleOf(session, expression, task)) } }
  return ofParts(task.heldOut, (rows) => answers(session, expression, task, rows, onAnswer && { onAnswer }))
}

/** The bare base on the same rows, in each way in which it is asked. */
export const measuredBase = async (session: ModelSession, task: Task, onAnswer?: OnAnswer): Promise<Record<string, Figures>> => {
  const found: Record<string, Figures> = {}
  if (task.kind === 'style') {
    for (const [title, instruction] of [
      ['no instruction', ''],
      ['the author and the book named', task.instruction],
    ])
      found[title] = { 'new chapters': { ...(await styleOf(session, 'base', task, { instruction })) } }
    return found
  }
  for (const [title, prompt] of Object.entries(task.prompts))
    found[title] = await ofParts(task.heldOut, (rows) => answers(session, 'base', task, rows, { prompt, ...(onAnswer && { onAnswer }) }))
  return found
}

const ofParts = async (parts: Readonly<Record<string, readonly Question[]>>, of: (rows: readonly Question[]) => Promise<object>): Promise<Figures> => {
  const found: Figures = {}
  for (const [part, rows] of Object.entries(parts)) found[part] = { ...(await of(rows)) }
  return found
}
