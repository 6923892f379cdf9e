import { accessSync, constants, statSync } from 'node:fs'
import { makeFolder } from '@weft/node-edge/make-folder'
import { isHome } from '@weft/node-edge/scheme'
import { folderUnwritable } from '../errors.ts'

/**
 * A folder that a command line names to write into: made where it is not there, and tried, before anything is computed for it.
 * @throws CliError `folder_unwritable`
 */
export const outputFolder = (path: string): string => {
  if (isHome(path)) throw folderUnwritable(path, 'it begins with "~", which nobody has replaced by the home folder; write the whole path')
  if (path !== '' && statSync(path, { throwIfNoEntry: false })?.isFile()) throw folderUnwritable(path, 'it is a file; expected a folder')
  try {
    makeFolder(path)
    accessSync(path, constants.W_OK)
  } catch (error) {
    throw folderUnwritable(path, because[(error as NodeJS.ErrnoException).code ?? ''] ?? (error as Error).message)
  }
  return path
}

const because: Readonly<Record<string, string>> = {
  ENOENT: 'no folder can be made there',
  ENOTDIR: 'what it would be in is a file',
  EACCES: 'it may not be written to',
  EROFS: 'it may not be written to',
  EPERM: 'it may not be written to',
}
