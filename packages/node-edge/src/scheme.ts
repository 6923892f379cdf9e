import { resolve } from 'node:path'
import { fileURLToPath } from 'node:url'

/** What stands before the first colon, but for a drive's letter: a mistyped URL is no file. `./a:b` is one. */
export const schemeOf = (place: string): string | undefined => /^([a-z][a-z0-9+.-]+):/i.exec(place)?.[1]

/** `~/x`, which a shell would have replaced: a folder of that name was not meant. */
export const isHome = (place: string): boolean => /^~(\w*)(\/|$)/.test(place)

/** Where a path leads, or a `file:` URL from the root. Undefined of any other URL: the file would lie elsewhere than it says. */
export function pathOf(place: string): string | undefined {
  if (schemeOf(place) === undefined) return resolve(place)
  if (!place.startsWith('file:///') || /[?#]/.test(place)) return undefined
  try {
    return fileURLToPath(place)
  } catch {
    return undefined
  }
}
