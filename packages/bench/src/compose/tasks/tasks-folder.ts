import { join } from 'node:path'
import { issuesText } from '@weft/adapters'
import * as z from 'zod/mini'
import { taskFolderUnusable, taskMissing, tasksTooFew, tasksUnusable } from '../../errors.ts'
import { subfolders, taskFile, taskRows } from '../../task-folders.ts'
import { spread } from './spread.ts'
import type { Question, Task, TaskSet } from './task.ts'

/** Most different answers of a label or a format: all of them are asked for at each question. */
const MOST_ANSWERS = 64
const FEWEST_TASKS = 2
const MOST_TASKS = 6

const settingsSchema = z.strictObject({ kind: z.enum(['label', 'style', 'format']), answers: z.optional(z.array(z.string()).check(z.minLength(2))) })
const textSchema = z.strictObject({ text: z.string().check(z.minLength(2)) })
const questionSchema = z.strictObject({ prompt: z.string().check(z.minLength(1)), completion: z.string().check(z.minLength(1)) })
const promptSchema = z.strictObject({ prompt: z.string().check(z.minLength(1)), completion: z.optional(z.string()) })

/**
 * Tasks in folders of their own: `task.json` `{kind, answers?}`, and rows in `train.jsonl`, `heldout.jsonl`, `unlabelled.jsonl`, of
 * `{prompt, completion}` (label, format; nothing reads an unlabelled row's completion) or `{text}` (style, of two characters or more). No other fields.
 * @param heldOut rows of each task to measure on at most, spread over the file
 * @param only of the tasks only these
 * @throws WeftError `task_missing`, `tasks_too_few`, `tasks_unusable`, `task_unusable`, `task_row_unusable`, each naming the file
 */
export const tasksOfFolder = (folder: string, heldOut: number, maxLength: number, only?: readonly string[]): TaskSet => {
  const all = subfolders(folder)
  const missing = only?.find((name) => !all.includes(name))
  if (missing !== undefined) throw taskMissing(missing, all)
  if (only && only.length < FEWEST_TASKS) throw tasksTooFew(only, all)
  const names = all.filter((name) => only?.includes(name) ?? true)
  if (names.length < FEWEST_TASKS || names.length > MOST_TASKS) throw tasksUnusable(folder, names.length, FEWEST_TASKS, MOST_TASKS)
  for (const name of names) if (!/^[\w.-]+$/.test(name)) throw taskFolderUnusable(join(folder, name), 'a task is called by letters, digits, ".", "_" and "-"')
  return { tasks: Object.fromEntries(names.map((name) => [name, taskOf(join(folder, name), heldOut)])), reference: [], maxLength }
}

const taskOf = (folder: string, heldOut: number): Task => {
  const { kind, answers } = settingsOf(folder)
  if (kind === 'style') {
    if (answers) throw taskFolderUnusable(folder, 'a style has no "answers" in its task.json: what is written is free')
    const texts = (file: string): { text: string }[] =>
      rowsOf(folder, file, textSchema, '{"text": "two characters or more"} and nothing else').map(({ text }) => ({ text }))
    return { kind, rows: texts('train.jsonl'), heldOut: spread(texts('heldout.jsonl'), heldOut), unlabelled: texts('unlabelled.jsonl') }
  }
  const questions = (file: string): Question[] =>
    rowsOf(folder, file, questionSchema, '{"prompt": …, "completion": …} and nothing else').map(({ prompt, completion }) => ({ prompt, answer: completion }))
  const rows = questions('train.jsonl')
  const known = answers ?? [...new Set(rows.map(({ answer }) => answer))].sort()
  if (known.length < 2) throw taskFolderUnusable(folder, 'every row has one answer; a label or a format needs at least two')
  if (new Set(known).size < known.length) throw taskFolderUnusable(folder, 'its task.json lists an answer twice')
  if (known.length > MOST_ANSWERS)
    throw taskFolderUnusable(folder, `its rows have ${known.length} different completions; at most ${MOST_ANSWERS} can be told apart (list them as "answers")`)
  const held = spread(questions('heldout.jsonl'), heldOut)
  for (const [file, all] of Object.entries({ 'train.jsonl': rows, 'heldout.jsonl': held }))
    for (const { answer } of all)
      if (!known.includes(answer)) throw taskFolderUnusable(folder, `${file} has the completion ${JSON.stringify(answer)}, which is not among the answers`)
  const unlabelled = rowsOf(folder, 'unlabelled.jsonl', promptSchema, '{"prompt": …} and nothing else').map(({ prompt }) => ({ prompt, answer: known[0] }))
  return { kind, rows, heldOut: held, unlabelled, answers: known }
}

const settingsOf = (folder: string): z.infer<typeof settingsSchema> => {
  const written = taskFile(folder, 'task.json')
  let settings: unknown
  try {
    settings = JSON.parse(written)
  } catch (error) {
    throw taskFolderUnusable(folder, `its task.json is not JSON (${(error as Error).message})`)
  }
  const { data, error } = settingsSchema.safeParse(settings)
  if (!data)
    throw taskFolderUnusable(folder, `its task.json is not {"kind": "label" | "style" | "format", "answers"?: [two or more]}: ${issuesText(error.issues)}`)
  return data
}

const rowsOf = <Row>(folder: string, file: string, schema: z.ZodMiniType<Row>, expected: string): Row[] =>
  taskRows<Row>(folder, file, expected, (value) => {
    const { data, error } = schema.safeParse(value)
    return data ? { row: data } : { fault: `has other fields (${issuesText(error!.issues)})` }
  })
