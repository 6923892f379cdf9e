import { randomUUID } from 'node:crypto'
import { chmodSync, existsSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { makeFolder } from '@weft/node-edge/make-folder'
import { stateInUse, stateIsFile, stateUnwritable } from '../errors.ts'
import { endLaunch, startOf } from './processes.ts'

/** What the lock says: whose state this is, when that process began, and the mark that everything it starts carries. */
interface Lock {
  pid: number
  started: string | undefined
  launch: string
  /** The base model that it serves: a folder, a file or a hub id. */
  model?: string | undefined
  /** Where its edge listens. */
  url?: string | undefined
}

/** What others may want to know of a weft that runs. */
type Told = Pick<Lock, 'model' | 'url'>

const PARTS = ['edge', 'logs', 'demo', 'runner']

/** The folder that holds everything a weft on this machine remembers, for its owner's eyes only and locked for one process. */
export class StateFolder implements Disposable {
  readonly path: string
  /** The mark of this launch. */
  readonly launch = randomUUID()
  readonly #lockFile: string

  private constructor(folder: string) {
    this.path = resolve(folder)
    this.#lockFile = join(this.path, 'lock')
  }

  /**
   * Takes a folder. A lock whose process is gone is taken over, and what that process left running (it was killed, not stopped) is
   * ended first.
   * @throws CliError `state_in_use`, `state_is_file`, `state_unwritable`
   */
  static async take(folder: string, told: Told = {}): Promise<StateFolder> {
    const state = new StateFolder(folder)
    if (statSync(state.path, { throwIfNoEntry: false })?.isFile()) throw stateIsFile(state.path)
    try {
      makePrivate(state.path)
      state.#requireRoom()
      if (state.#lock(told)) return state
      const held = await heldLock(state.#lockFile)
      if (held && isAlive(held)) throw stateInUse(state.path, held.pid)
      if (held) await endLaunch(held.launch)
      // Of several starts that found it, one has put its own there by now.
      if (readLock(state.#lockFile)?.launch === held?.launch) rmSync(state.#lockFile, { force: true })
      if (state.#lock(told)) return state
    } catch (error) {
      if ((error as NodeJS.ErrnoException).errno === undefined) throw error
      throw stateUnwritable(state.path, error as NodeJS.ErrnoException)
    }
    throw stateInUse(state.path, readLock(state.#lockFile)?.pid ?? 0)
  }

  log(name: string): string {
    return join(this.path, 'logs', `${name}.log`)
  }

  [Symbol.dispose](): void {
    if (readLock(this.#lockFile)?.launch === this.launch) rmSync(this.#lockFile, { force: true })
  }

  /** False when another lock is there. */
  #lock(told: Told): boolean {
    const lock: Lock = { pid: process.pid, started: startOf(process.pid), launch: this.launch, ...told }
    try {
      writeFileSync(this.#lockFile, JSON.stringify(lock), { flag: 'wx', mode: 0o600 })
      if (told.url !== undefined) writeFileSync(join(this.path, LAST_URL), told.url, { mode: 0o600 })
      return true
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false
      rmSync(this.#lockFile, { force: true })
      throw error
    }
  }

  /** Databases need room to be opened at all; without it the start would fail with a less helpful message. */
  #requireRoom(): void {
    const file = join(this.path, 'room')
    try {
      writeFileSync(file, new Uint8Array(ROOM), { mode: 0o600, flush: true })
    } finally {
      rmSync(file, { force: true })
    }
  }
}

const ROOM = 2 ** 20
/** Where the weft of the folder listened, for who asks when it is stopped. */
const LAST_URL = 'last-url'

/** Where the last weft of a state folder listened, which may be stopped by now; undefined where none ever ran, or nobody may know. */
export const lastUrlOf = (folder: string): string | undefined => {
  try {
    return readFileSync(join(folder, LAST_URL), 'utf8')
  } catch {
    return undefined
  }
}

/** A new folder, or one that was ours before, is closed to others; a folder that holds something else keeps its mode, and what we put into it is closed. */
const makePrivate = (folder: string): void => {
  const ours = !existsSync(folder) || [...PARTS, 'key'].some((part) => existsSync(join(folder, part)))
  makeFolder(folder, { mode: 0o700 })
  if (ours) chmodSync(folder, 0o700)
  for (const part of PARTS) {
    makeFolder(join(folder, part), { mode: 0o700 })
    chmodSync(join(folder, part), 0o700)
  }
}

/** What the weft that runs on a state folder serves, and where it listens; nothing where none runs. */
export const runningOn = (folder: string): Told => {
  const lock = readLock(join(folder, 'lock'))
  return lock && isAlive(lock) ? { model: lock.model, url: lock.url } : {}
}

const readLock = (file: string): Lock | undefined => {
  try {
    return JSON.parse(readFileSync(file, 'utf8')) as Lock
  } catch {
    return undefined
  }
}

/** What a lock says. One that says nothing is being written, or its writer was killed then: it is waited for, and not for long. */
const heldLock = async (file: string): Promise<Lock | undefined> => {
  for (let look = 0; look < 10 && existsSync(file); look++) {
    const lock = readLock(file)
    if (lock) return lock
    await sleep(20)
  }
  return undefined
}

/** Numbers of processes are used again: it must have begun when the lock says. */
const isAlive = ({ pid, started }: Lock): boolean => {
  const now = startOf(pid)
  return pid !== process.pid && now !== undefined && now === started
}
