import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { lines } from '../train-adapter.ts'
import type { Question, Task } from './task.ts'

/** Writes each task into a folder of its own, as `tasksOfFolder` reads them. @param write replaces files that are there already, unless told otherwise */
export const writeTasks = (folder: string, tasks: Readonly<Record<string, Task>>, write: (path: string, content: string) => void = writeFileSync): void => {
  for (const [name, task] of Object.entries(tasks)) {
    const own = join(folder, name)
    mkdirSync(own, { recursive: true })
    const settings = task.kind === 'style' ? { kind: task.kind } : { kind: task.kind, answers: task.answers }
    const files = {
      'task.json': `${JSON.stringify(settings)}\n`,
      'train.jsonl': lines(task.rows),
      'heldout.jsonl': lines(task.heldOut),
      'unlabelled.jsonl': task.kind === 'style' ? lines(task.unlabelled) : prompts(task.unlabelled),
    }
    for (const [file, content] of Object.entries(files)) write(join(own, file), content)
  }
}

const prompts = (rows: readonly Question[]): string => rows.map(({ prompt }) => `${JSON.stringify({ prompt })}\n`).join('')
