import { type ChildProcess, spawn } from 'node:child_process'
import { createInterface } from 'node:readline'
import { setTimeout as sleep } from 'node:timers/promises'
import { endGroup, signalGroup } from './process-group.ts'
import { RotatingLog } from './rotating-log.ts'

export interface Command {
  /** For people, and for the log's name. */
  name: string
  /** Arguments of this process' own Node. */
  args: string[]
  env: NodeJS.ProcessEnv
  cwd: string
  log: string
  /** What of the child's output a person should see; everything goes to the log. */
  show?: (line: string) => string | undefined
  /** Why it cannot run, as its output told. */
  reason?: () => string | undefined
}

export interface Watcher {
  onLine(text: string): void
  /** The child died without being asked to, and is started again after `delayMs`. */
  onRestart(name: string, how: string, delayMs: number): void
  /** The child ended because it can never do what it was asked for, and is not started again. */
  onGivenUp(name: string, reason: string | undefined): void
  /** Called with the leader of the child's process group at every start. */
  onStart?(name: string, pid: number): void
}

/** The exit code of a child that was asked wrongly: whatever starts it again gets the same answer. */
const ASKED_WRONGLY = 2

const FIRST_DELAY = 250
const LONGEST_DELAY = 10_000
/** A child that lived this long did well: the next restart waits little again. */
const DID_WELL = 30_000

/**
 * A child process that is started again when it dies, after a delay that doubles while it keeps dying early.
 * `stop()` ends it with everything it started.
 */
export class Supervised {
  readonly #command: Command
  readonly #watcher: Watcher
  readonly #stopping = new AbortController()
  readonly #log: RotatingLog
  #child: ChildProcess | undefined
  #life: Promise<void> = Promise.resolve()

  constructor(command: Command, watcher: Watcher) {
    this.#command = command
    this.#watcher = watcher
    this.#log = new RotatingLog(command.log)
  }

  start(): this {
    this.#life = this.#live()
    return this
  }

  async #live(): Promise<void> {
    let delay = FIRST_DELAY
    while (!this.#stopping.signal.aborted) {
      const started = performance.now()
      const how = await this.#once()
      if (this.#stopping.signal.aborted) return
      if (how === exitCode(ASKED_WRONGLY)) return this.#watcher.onGivenUp(this.#command.name, this.#command.reason?.())
      if (performance.now() - started > DID_WELL) delay = FIRST_DELAY
      this.#watcher.onRestart(this.#command.name, how, delay)
      await sleep(delay, undefined, { signal: this.#stopping.signal }).catch(() => {})
      delay = Math.min(LONGEST_DELAY, delay * 2)
    }
  }

  /** One life of the child; resolves with how it ended. */
  async #once(): Promise<string> {
    const { name, args, env, cwd, show } = this.#command
    const child = spawn(process.execPath, args, { env, cwd, stdio: ['ignore', 'pipe', 'pipe', 'ipc'], detached: true })
    this.#child = child
    // The channel says nothing; its end tells the child that this process is gone, however that ended.
    child.on('disconnect', () => {})
    const exited = new Promise<string>((resolve) => {
      child.on('error', (error) => resolve(error.message))
      child.on('exit', (code, signal) => resolve(signal ? `signal ${signal}` : exitCode(code)))
    })
    if (child.pid) this.#watcher.onStart?.(name, child.pid)
    for (const stream of [child.stdout!, child.stderr!]) {
      createInterface({ input: stream }).on('line', (line) => {
        this.#log.write(line)
        const shown = show?.(line)
        if (shown !== undefined && !this.#stopping.signal.aborted) this.#watcher.onLine(shown)
      })
    }
    const how = await exited
    // What the child had started would hold its port and its files when it comes up again.
    if (child.pid && !this.#stopping.signal.aborted) signalGroup(child.pid, 'SIGKILL')
    return how
  }

  /** Ends the child, the hard way after `graceMs`; it is not started again. */
  async stop(graceMs: number): Promise<void> {
    this.#stopping.abort()
    if (this.#child?.pid) await endGroup(this.#child.pid, graceMs)
    await this.#life
    this.#log.close()
  }

  /** Ends everything at once, waiting for nothing. */
  kill(): void {
    this.#stopping.abort()
    if (this.#child?.pid) signalGroup(this.#child.pid, 'SIGKILL')
  }
}

const exitCode = (code: number | null): string => `exit code ${code}`
