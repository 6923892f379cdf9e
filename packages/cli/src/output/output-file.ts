import { once } from 'node:events'
import {
  accessSync,
  closeSync,
  constants,
  copyFileSync,
  createWriteStream,
  existsSync,
  fchmodSync,
  fchownSync,
  fstatSync,
  lstatSync,
  openSync,
  realpathSync,
  renameSync,
  rmSync,
  type Stats,
  statSync,
  writeFileSync,
} from 'node:fs'
import { dirname } from 'node:path'
import { pipeline } from 'node:stream/promises'
import { Option } from 'commander'
import { fileExists, fileUnwritable } from '../errors.ts'
import { isStdout } from './output.ts'

/** What a command that writes a file is told of one that is there. */
export interface Overwriting {
  force?: boolean | undefined
}

/** The option of every command that writes into a file that is named for it. */
export const force = (): Option => new Option('--force', 'write over a file that is there')

/** Refuses to write over a file; what is none, such as /dev/null, is written to. @throws CliError `file_exists` */
function refuseOverwriting(path: string, { force = false }: Overwriting): void {
  if (!force && path !== '' && statSync(path, { throwIfNoEntry: false })?.isFile()) throw fileExists(path)
}

/** For what is written at the end of a long wait: finds out before it whether the file can be. @throws CliError `file_exists`, `file_unwritable` */
export function requireWritable(path: string, overwriting: Overwriting): void {
  if (isStdout(path)) return
  const found = path === '' ? undefined : statSync(path, { throwIfNoEntry: false })
  const folder = statSync(dirname(path), { throwIfNoEntry: false })
  const code = found?.isDirectory() ? 'EISDIR' : path === '' || !folder ? 'ENOENT' : folder.isDirectory() ? undefined : 'ENOTDIR'
  if (code) throw fileUnwritable(path, Object.assign(new Error(code), { code }))
  refuseOverwriting(path, overwriting)
  try {
    accessSync(found ? path : dirname(path), constants.W_OK)
  } catch (error) {
    throw unwritable(path, error)
  }
}

/** Writes what was asked for into the file that was named for it, which has all of it or is what it was. @throws CliError `file_exists`, `file_unwritable` */
export function writeOutput(path: string, content: string | Uint8Array, overwriting: Overwriting): void {
  if (isStdout(path)) return void process.stdout.write(content)
  refuseOverwriting(path, overwriting)
  const { fd, beside, removeHalf } = opened(path)
  try {
    try {
      writeFileSync(fd, content)
    } finally {
      closeSync(fd)
    }
    if (beside !== undefined) putInPlace(beside, path, overwriting)
  } catch (error) {
    removeHalf()
    throw unwritable(path, error)
  }
}

/** The same piece by piece: what comes may be larger than memory. Gives the bytes that came. @throws CliError `file_exists`, `file_unwritable` */
export async function writeOutputPieces(path: string, pieces: AsyncIterable<Uint8Array>, overwriting: Overwriting): Promise<number> {
  if (isStdout(path)) return printed(pieces)
  refuseOverwriting(path, overwriting)
  const { fd, beside, removeHalf } = opened(path)
  const stream = createWriteStream(path, { fd })
  let failed: unknown
  stream.once('error', (error) => (failed = error))
  const whole = beforeSignalsEnd(removeHalf)
  try {
    await pipeline(pieces, stream)
    if (beside !== undefined) putInPlace(beside, path, overwriting)
  } catch (error) {
    removeHalf()
    // What breaks off on the way here is no fault of the file.
    throw error === failed ? unwritable(path, error) : error
  } finally {
    whole()
  }
  return stream.bytesWritten
}

async function printed(pieces: AsyncIterable<Uint8Array>): Promise<number> {
  let bytes = 0
  for await (const piece of pieces) {
    bytes += piece.length
    if (!process.stdout.write(piece)) await once(process.stdout, 'drain')
  }
  return bytes
}

/** Has something done before a signal, such as that of Ctrl-C, ends this process as it would have. Gives what takes that back. */
function beforeSignalsEnd(action: () => void): () => void {
  const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const
  const onSignal = (signal: NodeJS.Signals): void => {
    takeBack()
    action()
    process.kill(process.pid, signal)
  }
  const takeBack = (): void => {
    for (const signal of signals) process.off(signal, onSignal)
  }
  for (const signal of signals) process.on(signal, onSignal)
  return takeBack
}

interface Opened {
  fd: number
  /** What is written to in the place of the file. */
  beside?: string
  /** Takes away what was begun; a file that was there, and a device, stay. */
  removeHalf(): void
}

/** What is written to: beside the name until all has come, so that nothing that ends this process leaves a half under it; or in the place itself, such as a device. */
function opened(path: string): Opened {
  const isNew = isFree(path)
  const remove = (half: string) => (): void => rmSync(half, { force: true })
  try {
    const found = statSync(path, { throwIfNoEntry: false })
    if (isNew || found?.isFile()) {
      // No newer file in the place of one that nobody may write to.
      if (found) accessSync(path, constants.W_OK)
      const beside = `${isNew ? path : realpathSync(path)}.${process.pid}.part`
      const fd = openSync(beside, 'wx', found?.mode)
      if (!found || isMadeAlike(fd, found)) return { fd, beside, removeHalf: remove(beside) }
      closeSync(fd)
      rmSync(beside, { force: true })
    }
  } catch {
    // A file can be written to in a folder that takes no other.
  }
  try {
    return { fd: openSync(path, 'w'), removeHalf: isNew ? remove(path) : () => {} }
  } catch (error) {
    throw unwritable(path, error)
  }
}

/** Gives a file that will stand in the place of another what that has: its owner, and its mode, of which a umask leaves less. False where it cannot be. */
function isMadeAlike(fd: number, { uid, gid, mode }: Stats): boolean {
  try {
    const made = fstatSync(fd)
    if (made.uid !== uid || made.gid !== gid) fchownSync(fd, uid, gid)
    if (made.mode !== mode) fchmodSync(fd, mode & 0o777)
    return true
  } catch {
    return false
  }
}

/** Gives what has come whole its name. What came there meanwhile is written over no more than what was there before. */
function putInPlace(beside: string, path: string, overwriting: Overwriting): void {
  refuseOverwriting(path, overwriting)
  const place = isFree(path) ? path : realpathSync(path)
  try {
    renameSync(beside, place)
  } catch {
    // One file that is mounted from elsewhere, as into a container, can be written to, and none takes its name.
    writeInto(place, beside)
  }
}

function writeInto(path: string, beside: string): void {
  try {
    copyFileSync(beside, path)
    rmSync(beside, { force: true })
  } catch (error) {
    throw unwritable(path, error)
  }
}

/** Whether nothing has this name, a link that leads nowhere included. */
const isFree = (path: string): boolean => {
  try {
    return lstatSync(path, { throwIfNoEntry: false }) === undefined
  } catch {
    return false
  }
}

const unwritable = (path: string, error: unknown): unknown => {
  const cause = error as NodeJS.ErrnoException
  if (typeof cause.syscall !== 'string') return error
  // Such as /proc, and a link to what is not there: the folder is not what is missing.
  return cause.code === 'ENOENT' && path !== '' && existsSync(dirname(path))
    ? fileUnwritable(path, cause, 'no file can be made there')
    : fileUnwritable(path, cause)
}
