import { statSync } from 'node:fs'
import { folderMissing, notAFolder } from '../errors.ts'

/**
 * A folder that a command line names and that has to be there.
 * @param expected what it should be, for the error: "a folder of tasks"
 * @throws CliError `folder_missing`, `not_a_folder`
 */
export const inputFolder = (path: string, expected: string): string => {
  const found = statSync(path, { throwIfNoEntry: false })
  if (!found) throw folderMissing(path, expected)
  if (!found.isDirectory()) throw notAFolder(path, expected)
  return path
}
