import { readdirSync, readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { jsonFault } from '@weft/adapters'
import { taskFolderUnusable, taskRowUnusable } from './errors.ts'

/** Names of the folders in a folder, each of a task, in order; hidden ones apart. @throws WeftError `task_unusable` */
export const subfolders = (folder: string): string[] => {
  try {
    return readdirSync(folder)
      .filter((name) => !name.startsWith('.') && statSync(join(folder, name)).isDirectory())
      .sort()
  } catch (error) {
    throw taskFolderUnusable(folder, `it ${because(error)}`)
  }
}

/** A file of a task's folder. @throws WeftError `task_unusable` */
export const taskFile = (folder: string, file: string): string => {
  try {
    return readFileSync(join(folder, file), 'utf8')
  } catch (error) {
    throw taskFolderUnusable(folder, `its ${file} ${because(error)}`)
  }
}

/**
 * Rows of a JSON Lines file of a task's folder; blank lines are none.
 * @param expected what a row is, as errors say it
 * @param read a line's value as a row, or the fault that it has: "has other fields"
 * @throws WeftError `task_unusable` for a file that is not there or has no rows, `task_row_unusable` with the line
 */
export const taskRows = <Row>(folder: string, file: string, expected: string, read: (value: unknown) => { row: Row } | { fault: string }): Row[] => {
  const path = join(folder, file)
  const rows = taskFile(folder, file)
    .split('\n')
    .flatMap((line, at): Row[] => {
      if (line.trim() === '') return []
      const found = read(parsed(path, at + 1, line, expected))
      if ('fault' in found) throw taskRowUnusable(path, at + 1, found.fault, expected)
      return [found.row]
    })
  if (rows.length === 0) throw taskFolderUnusable(folder, `its ${file} has no rows`)
  return rows
}

const parsed = (path: string, line: number, text: string, expected: string): unknown => {
  let row: unknown
  try {
    row = JSON.parse(text)
  } catch {
    throw taskRowUnusable(path, line, 'is not JSON', expected)
  }
  const fault = jsonFault(text, row)
  if (fault !== undefined) throw taskRowUnusable(path, line, `cannot be read: ${fault}`, expected)
  return row
}

const reasons: Readonly<Record<string, string>> = { ENOENT: 'is not there', ENOTDIR: 'is a file, and no folder', EISDIR: 'is a folder, and no file' }

const because = (error: unknown): string =>
  reasons[(error as NodeJS.ErrnoException).code ?? ''] ?? `cannot be read (${(error as NodeJS.ErrnoException).code ?? (error as Error).message})`
