import type { ModelSpec, TaskType } from '@weft/adapters'
import { taskNotOfBase } from './errors.ts'
import type { RowKind } from './training-file/row.ts'

/** What rows of a kind can teach; the base model decides between several. */
const taught: Record<RowKind, readonly TaskType[]> = {
  text: ['CAUSAL_LM'],
  completion: ['CAUSAL_LM', 'SEQ_2_SEQ_LM'],
  messages: ['CAUSAL_LM'],
  label: ['SEQ_CLS'],
  tokens: ['TOKEN_CLS'],
  // What is steered is a decoder's continuation.
  pair: ['CAUSAL_LM'],
  // What stands before a decoder's prompt.
  document: ['CAUSAL_LM'],
}

type Capable = Pick<ModelSpec, 'architecture' | 'tasks'>

/**
 * The task that a file of such rows is for. Without a base model, the most likely one.
 * Error 400 `task_not_of_base`: the base can do none of what these rows teach.
 */
export function taskOfRows(kind: RowKind, model?: Capable): TaskType {
  const task = taught[kind].find((candidate) => !model || model.tasks.includes(candidate))
  if (!task) throw taskNotOfBase(taught[kind].join(' or '), model!.architecture, model!.tasks)
  return task
}

/** A task as this base model does it: what is language modelling to a decoder is sequence to sequence to an encoder-decoder. Error 400 `task_not_of_base`. */
export function taskOn(task: TaskType, model: Capable): TaskType {
  const found = [task, ...(task === 'CAUSAL_LM' ? ['SEQ_2_SEQ_LM' as const] : [])].find((candidate) => model.tasks.includes(candidate))
  if (!found) throw taskNotOfBase(task, model.architecture, model.tasks)
  return found
}
