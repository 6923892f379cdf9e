import { readdirSync, readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { taskFolderUnusable } from './errors.ts'

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

const reasons: Readonly<Record<string, string>> = { ENOENT: 'is not there', ENOTDIR: 'is a file, and no folder', EISDIR: 'is a folder, and no file' }

const because = (error: unknown): string =>
  reasons[(error as NodeJS.ErrnoException).code ?? ''] ?? `cannot be read (${(error as NodeJS.ErrnoException).code ?? (error as Error).message})`
