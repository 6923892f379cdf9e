import { join } from 'node:path'
import * as z from 'zod/mini'
import { taskFolderUnusable } from '../errors.ts'
import { subfolders, taskRows } from '../task-folders.ts'
import type { Row, SplitTask } from './task.ts'

const text = z.string().check(z.minLength(1))
const kinds: readonly [string, z.ZodMiniType<Row>][] = [
  ['label', z.strictObject({ text, label: text })],
  ['completion', z.strictObject({ prompt: z.string(), completion: text })],
  ['text', z.strictObject({ text })],
]

/**
 * Tasks in folders of their own, each with `train.jsonl`, `validation.jsonl` and `heldout.jsonl`, of rows `{text, label}`, `{prompt, completion}` or `{text}`.
 * @throws WeftError `task_unusable`, `task_row_unusable`, each naming the file
 */
export const splitTasksOfFolder = (folder: string): Record<string, SplitTask> => {
  const names = subfolders(folder)
  if (names.length === 0) throw taskFolderUnusable(folder, 'it holds no folder; each task is one, with train.jsonl, validation.jsonl and heldout.jsonl')
  return Object.fromEntries(names.map((name) => [name, taskOf(join(folder, name))]))
}

const taskOf = (folder: string): SplitTask => {
  const training = rowsOf(folder, 'train.jsonl')
  const [validation, heldOut] = ['validation.jsonl', 'heldout.jsonl'].map((file) => rowsOf(folder, file))
  const [kind] = kinds.find(([, schema]) => schema.safeParse(training[0]).success)!
  const schema = kinds.find(([name]) => name === kind)![1]
  for (const [file, rows] of Object.entries({ 'train.jsonl': training, 'validation.jsonl': validation, 'heldout.jsonl': heldOut }))
    if (rows.some((row) => !schema.safeParse(row).success)) throw taskFolderUnusable(folder, `${file} has rows of another kind than the first of train.jsonl`)
  return { training, validation, heldOut }
}

const expected = '{"text", "label"}, {"prompt", "completion"} or {"text"}, and nothing else'

const rowsOf = (folder: string, file: string): Row[] =>
  taskRows<Row>(folder, file, expected, (value) => {
    for (const [, schema] of kinds) {
      const { data } = schema.safeParse(value)
      if (data) return { row: data }
    }
    return { fault: 'has other fields' }
  })
