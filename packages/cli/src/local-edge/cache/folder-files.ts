import { mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { dirname, join, relative } from 'node:path'

/** The files of a folder by their paths within it, in base64. */
export type FolderFiles = Record<string, string>

/** @param wanted by a file's name */
export const readFolder = (folder: string, wanted: (name: string) => boolean): FolderFiles =>
  Object.fromEntries(
    readdirSync(folder, { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile() && wanted(entry.name))
      .map((entry) => join(entry.parentPath, entry.name))
      .map((file) => [relative(folder, file), readFileSync(file, 'base64')]),
  )

/**
 * Makes a folder that is not there, of such files: whole and on the disk, or not at all.
 * @param unfinished where it lies until it is whole, on the same disk and where nobody looks for it; what is left there of a process that was killed goes
 */
export const writeFolder = (folder: string, files: FolderFiles, unfinished: string): void => {
  try {
    rmSync(unfinished, { recursive: true, force: true })
    for (const [name, content] of Object.entries(files)) {
      const file = join(unfinished, name)
      mkdirSync(dirname(file), { recursive: true, mode: 0o700 })
      writeFileSync(file, content, { encoding: 'base64', mode: 0o600, flush: true })
    }
    mkdirSync(dirname(folder), { recursive: true, mode: 0o700 })
    renameSync(unfinished, folder)
  } finally {
    rmSync(unfinished, { recursive: true, force: true })
  }
}
