import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { stateInUse } from '../errors.ts'
import { groupAlive, signalGroup } from './process-group.ts'

/** What the lock says: whose state this is, and which process groups that one started. */
interface Lock {
  pid: number
  groups: number[]
}

/**
 * The folder that holds everything a weft on this machine remembers, locked for one process. A lock whose process is
 * gone is taken over, and what that process left running (it was killed, not stopped) is ended first.
 */
export class StateFolder implements Disposable {
  readonly path: string
  readonly #lockFile: string
  readonly #lock: Lock = { pid: process.pid, groups: [] }

  /** @throws CliError `state_in_use` */
  constructor(folder: string) {
    this.path = resolve(folder)
    this.#lockFile = join(this.path, 'lock')
    for (const part of ['edge', 'logs', 'demo']) mkdirSync(join(this.path, part), { recursive: true })
    if (!this.#take()) {
      const held = readLock(this.#lockFile)
      if (held && held.pid !== process.pid && isWeft(held.pid)) throw stateInUse(this.path, held.pid)
      for (const group of held?.groups ?? []) if (groupAlive(group) && isOurs(group)) signalGroup(group, 'SIGKILL')
      rmSync(this.#lockFile, { force: true })
      if (!this.#take()) throw stateInUse(this.path, readLock(this.#lockFile)?.pid ?? 0)
    }
  }

  log(name: string): string {
    return join(this.path, 'logs', `${name}.log`)
  }

  /** Notes a process group, so that the next start can end it if this process cannot. */
  noteGroup(leader: number): void {
    this.#lock.groups = [...this.#lock.groups.filter(groupAlive), leader]
    writeFileSync(this.#lockFile, JSON.stringify(this.#lock))
  }

  [Symbol.dispose](): void {
    rmSync(this.#lockFile, { force: true })
  }

  #take(): boolean {
    try {
      writeFileSync(this.#lockFile, JSON.stringify(this.#lock), { flag: 'wx' })
      return true
    } catch {
      return false
    }
  }
}

const readLock = (file: string): Lock | undefined => {
  try {
    return JSON.parse(readFileSync(file, 'utf8')) as Lock
  } catch {
    return undefined
  }
}

/** Numbers of processes are used again: where the command line can be read, it must be one of ours. */
const isOurs = (pid: number): boolean => {
  const commandLine = `/proc/${pid}/cmdline`
  return existsSync('/proc/self/cmdline') ? existsSync(commandLine) && /gpu-runner|wrangler|weft/.test(readFileSync(commandLine, 'utf8')) : true
}

const isWeft = (pid: number): boolean => {
  try {
    process.kill(pid, 0)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EPERM') return false
  }
  return isOurs(pid)
}
