import { mkdirSync } from 'node:fs'
import { dirname } from 'node:path'

/**
 * Makes a folder and those above it, as `mkdir -p` does. Node's own `recursive` never comes back where a folder that is there lets none be made in it and says
 * ENOENT, as `/proc` does.
 * @throws ErrnoException whatever the system says
 */
export function makeFolder(folder: string, options: { mode?: number } = {}): void {
  try {
    mkdirSync(folder, options)
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException
    if (code === 'ENOENT' && dirname(folder) !== folder) {
      makeFolder(dirname(folder), options)
      mkdirSync(folder, options)
    } else if (code !== 'EEXIST') throw error
  }
}
