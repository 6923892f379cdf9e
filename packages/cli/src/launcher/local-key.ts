import { randomBytes } from 'node:crypto'
import { chmodSync, existsSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { dirname, isAbsolute, join, relative, resolve } from 'node:path'
import { keyMalformed, stateIsFile } from '../errors.ts'
import { root } from './project.ts'

/** Where a state folder keeps the key of its edge. */
export const keyFile = (state: string): string => join(state, 'key')

/** The key of a state folder, made at its first start: 256 random bits, for its owner alone to read. @throws CliError `key_malformed` */
export const localKey = (state: string): string => {
  const file = keyFile(state)
  // One that is there keeps its mode when it is written, so it is closed before a key gets into it.
  if (existsSync(file)) chmodSync(file, 0o600)
  const kept = readKey(file)
  if (kept !== undefined) return kept
  const key = `weft-${randomBytes(32).toString('base64url')}`
  writeFileSync(file, `${key}\n`, { mode: 0o600 })
  return key
}

/** The key in a file; undefined where there is no file or it is empty. @throws CliError `key_malformed` */
const readKey = (file: string): string | undefined => {
  if (!existsSync(file)) return undefined
  const key = readFileSync(file, 'utf8').trim()
  if (/\s/.test(key)) throw keyMalformed(file)
  return key || undefined
}

/** The state folder that a command means: the one that is named, else `.weft` here or in a folder above, else the project's own. @throws CliError `state_is_file` */
export const findState = (named?: string): string => {
  if (named !== undefined) {
    if (statSync(named, { throwIfNoEntry: false })?.isFile()) throw stateIsFile(named)
    return resolve(named)
  }
  for (let folder = process.cwd(); ; folder = dirname(folder)) {
    if (existsSync(keyFile(join(folder, '.weft')))) return join(folder, '.weft')
    if (dirname(folder) === folder) return join(root, '.weft')
  }
}

/** Its key; undefined where it has none. @throws CliError `key_malformed` */
export const findKey = (state?: string): string | undefined => readKey(keyFile(findState(state)))

/** The key's file as a command line in this folder names it. */
export const shownKeyFile = (state: string): string => {
  const near = relative(process.cwd(), keyFile(state))
  return near.startsWith('..') || isAbsolute(near) ? keyFile(state) : near
}
