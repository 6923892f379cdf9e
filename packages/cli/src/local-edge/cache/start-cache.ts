import { createHash, randomUUID } from 'node:crypto'
import { mkdirSync, readdirSync, readFileSync, renameSync, rmSync, statSync, utimesSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

/** Texts of earlier starts, by name. It may forget any, and never fails: what is not kept is made. */
export interface StartCache {
  read(name: string): string | undefined
  write(name: string, text: string): void
}

/** Of each kind (a name's part before its first `-`), those that were used last. */
const MOST = 8
/** A file that was being written this long ago, in milliseconds, is written by nobody any more. */
const GIVEN_UP = 3_600_000

export const noCache: StartCache = { read: () => undefined, write: () => {} }

/**
 * Beside what Node keeps of sources (`bin/weft.mjs`), by the same variables and for the same reason in a folder that only this user may write: what lies there
 * is run.
 */
export const cacheOfUser = ({ NODE_COMPILE_CACHE: compiled, NODE_DISABLE_COMPILE_CACHE: disabled }: NodeJS.ProcessEnv = process.env): StartCache =>
  compiled && disabled === undefined ? cacheIn(join(compiled, 'weft-edge')) : noCache

/** One file a text, which begins with its digest: one that was cut short, or changed, is none. */
export const cacheIn = (folder: string): StartCache => ({
  read: (name) =>
    unlessItFails(() => {
      if (!isOursAlone(folder)) return undefined
      const file = join(folder, name)
      const stored = readFileSync(file, 'utf8')
      const text = stored.slice(DIGEST)
      if (stored.slice(0, DIGEST) !== digestOf(text)) return undefined
      // Those that are used stay.
      unlessItFails(() => utimesSync(file, new Date(), new Date()))
      return text
    }),
  write: (name, text) =>
    unlessItFails(() => {
      mkdirSync(folder, { recursive: true, mode: 0o700 })
      if (!isOursAlone(folder)) return
      const unfinished = join(folder, `${randomUUID()}.tmp`)
      try {
        writeFileSync(unfinished, digestOf(text) + text, { mode: 0o600, flag: 'wx' })
        // Whole or not at all, whoever else writes it.
        renameSync(unfinished, join(folder, name))
      } finally {
        rmSync(unfinished, { force: true })
      }
      forget(folder, name.slice(0, name.indexOf('-') + 1))
    }),
})

/** In hexadecimal digits. */
const DIGEST = 64

export const digestOf = (content: string | Uint8Array): string => createHash('sha256').update(content).digest('hex')

function isOursAlone(folder: string): boolean {
  const { uid, mode } = statSync(folder)
  return process.getuid === undefined || (uid === process.getuid() && (mode & 0o022) === 0)
}

function forget(folder: string, kind: string): void {
  const ages = (wanted: (name: string) => boolean) =>
    readdirSync(folder)
      .filter(wanted)
      .map((name) => join(folder, name))
      .map((file) => ({ file, used: statSync(file, { throwIfNoEntry: false })?.mtimeMs ?? 0 }))
  const old = ages((name) => name.startsWith(kind))
    .sort((a, b) => b.used - a.used)
    .slice(MOST)
  const left = ages((name) => name.endsWith('.tmp')).filter(({ used }) => Date.now() - used > GIVEN_UP)
  for (const { file } of [...old, ...left]) rmSync(file, { force: true })
}

/** A folder that is not there, is full, or is somebody else's: then nothing is kept, and nobody needs to hear of it. */
function unlessItFails<T>(act: () => T): T | undefined {
  try {
    return act()
  } catch {
    return undefined
  }
}
