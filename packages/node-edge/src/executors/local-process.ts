import { type ChildProcess, execFile, spawn } from 'node:child_process'
import { promisify } from 'node:util'
import type { Executor } from '@weft/edge/host'
import type { LocalExecutorConfig } from '@weft/protocol'
import { pythonNotStarted, trainerNotThere } from '../errors.ts'
import { trainerEnvironment } from './trainer-environment.ts'

interface Held {
  child: ChildProcess
  wrote: string
  ended: boolean
}

/** Characters of what a process wrote last that are kept to say why it ended. */
const kept = 2000

/**
 * PEFT in a process beside the edge. It outlives an edge that is started again, which finds it by its number and by the job that it was started for.
 * @param environment of which the process gets what Python and PyTorch read, and no secret of the edge
 */
export function localProcess(name: string, { python = 'python3' }: LocalExecutorConfig, environment: NodeJS.ProcessEnv): Executor {
  /** Those of this process, whose end it hears of. */
  const children = new Map<string, Held>()
  return {
    async start({ job, edge, token }) {
      const child = spawn(python, ['-m', 'weft_peft', '--job', job], {
        detached: true,
        stdio: ['ignore', 'ignore', 'pipe'],
        env: { ...trainerEnvironment(environment), WEFT_EDGE: edge, WEFT_JOB: job, WEFT_TRAINER_TOKEN: token },
      })
      await new Promise<void>((resolve, reject) => child.once('spawn', resolve).once('error', (error) => reject(pythonNotStarted(name, python, error))))
      const handle = `${child.pid} ${job}`
      const held: Held = { child, wrote: '', ended: false }
      // All that it wrote is read by then, unless a process of its own holds on to where it writes.
      child.once('close', () => (held.ended = true)).once('exit', () => setTimeout(() => (held.ended = true), 1000).unref())
      children.set(handle, held)
      child.stderr?.setEncoding('utf8').on('data', (text: string) => (held.wrote = (held.wrote + text).slice(-kept)))
      // Neither the process nor what it writes keeps the edge from ending.
      child.unref()
      ;(child.stderr as { unref?: () => void } | null)?.unref?.()
      return handle
    },
    async standing(handle) {
      const held = children.get(handle)
      if (held) {
        const { exitCode, signalCode } = held.child
        if (!held.ended) return { status: 'running' }
        return { status: 'ended', message: endText(exitCode, signalCode, held.wrote) }
      }
      return (await isThere(handle)) ? { status: 'running' } : undefined
    },
    // The trainer is looked for and not loaded: that would take as long as PyTorch does.
    async reach() {
      const look = "import importlib.util, sys; sys.exit(3 if importlib.util.find_spec('weft_peft') is None else 0)"
      await promisify(execFile)(python, ['-c', look], { env: trainerEnvironment(environment), timeout: 3000 }).catch((error: Error & { code?: unknown }) => {
        throw error.code === 3 ? trainerNotThere(name, python) : pythonNotStarted(name, python, error)
      })
    },
    async stop(handle) {
      const held = children.get(handle)
      children.delete(handle)
      const isRunning = held ? held.child.exitCode === null && held.child.signalCode === null : await isThere(handle)
      if (isRunning) end(Number(handle.split(' ')[0]))
    },
  }
}

/** Whether the process of that number is still the one that was started for the job: numbers are given away again. */
async function isThere(handle: string): Promise<boolean> {
  const [pid = '', job = ''] = handle.split(' ')
  if (!/^\d+$/.test(pid) || job === '') return false
  const { stdout } = await promisify(execFile)('ps', ['-o', 'args=', '-p', pid]).catch(() => ({ stdout: '' }))
  return stdout.includes(job)
}

/** With what it may have started itself: it leads a group of its own. */
function end(pid: number): void {
  try {
    process.kill(-pid, 'SIGTERM')
  } catch {
    // It has ended meanwhile.
  }
}

/** How it ended, and the last line that it wrote, where Python says what went wrong. */
const endText = (code: number | null, signal: string | null, wrote: string): string =>
  `${signal ? `it was ended by ${signal}` : `it ended with ${code}`}${wrote.trim() ? `: ${wrote.trim().split('\n').at(-1)}` : ''}`
