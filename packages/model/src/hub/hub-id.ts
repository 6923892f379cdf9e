import { homedir } from 'node:os'
import { join } from 'node:path'

/** Whether it is spelled as a repository of the hub is, `org/name`. A relative path of two steps is spelled so, too: look on the disk first. */
export const isHubId = (source: string): boolean => /^[\w-][\w.-]*\/[\w-][\w.-]*$/.test(source)

/** Where what was fetched from the hub lies: the user's cache, or a folder that holds state. */
export const hubCache = (stateDir: string = join(homedir(), '.cache', 'weft')): string => join(stateDir, 'hub')

/** `org/name:Q4_K_M` in its two halves; the tag is what a GGUF's name ends in. */
export const hubGguf = (what: string): { id: string; tag: string | undefined } => {
  const [id, ...rest] = what.split(':')
  return { id, tag: rest.length > 0 ? rest.join(':') : undefined }
}
