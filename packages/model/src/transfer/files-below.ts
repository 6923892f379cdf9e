import { readdirSync } from 'node:fs'
import { join } from 'node:path'

/** The files in a folder and in those within it. What links lead to is not in it: `readdir` by itself goes there. */
export const filesBelow = (folder: string): string[] =>
  readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
    const path = join(folder, entry.name)
    return entry.isDirectory() ? filesBelow(path) : entry.isFile() ? [path] : []
  })
