import { readdirSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { taskFolderUnusable } from './errors.ts'

/** Names of the folders in a folder, each of a task, in order; hidden ones apart. @throws WeftError `task_unusable` */
export const subfolders = (folder: string): string[] => {
  try {
    return readdirSync(folder)
      .filter((name) => !name.startsWith('.') && statSync(join(folder, name)).isDirectory())
      .sort()
  } catch (error) {
    throw taskFolderUnusable(folder, `it cannot be read (${(error as Error).message})`)
  }
}
