import { execFileSync } from 'node:child_process'
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'

/** The variable that every process of a launch carries, and inherits to what it starts. */
export const LAUNCH_VARIABLE = 'WEFT_LAUNCH'

const hasProc = existsSync('/proc/self/environ')

/** When a process began, in the system's own terms; it tells a process from a later one with its number. Undefined when there is none. */
export const startOf = (pid: number): string | undefined => {
  try {
    if (!hasProc) return execFileSync('ps', ['-o', 'lstart=', '-p', String(pid)], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] }).trim() || undefined
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8')
    // A zombie has ended; the name in brackets may hold anything, so fields are counted after it.
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
    return fields[0] === 'Z' ? undefined : fields[19]
  } catch {
    return undefined
  }
}

/** Processes of this user that carry a launch's mark in their environment, this one excepted. */
export const processesOfLaunch = (launch: string): number[] => {
  const mark = `${LAUNCH_VARIABLE}=${launch}`
  if (hasProc)
    return readdirSync('/proc')
      .filter((entry) => /^\d+$/.test(entry) && Number(entry) !== process.pid)
      .filter((entry) => {
        try {
          return readFileSync(`/proc/${entry}/environ`, 'utf8').split('\0').includes(mark)
        } catch {
          // It has ended, or is another user's.
          return false
        }
      })
      .map(Number)
  try {
    const lines = execFileSync('ps', ['-x', '-E', '-o', 'pid=,command='], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] }).split('\n')
    return lines.filter((line) => line.split(/\s+/).includes(mark)).map((line) => Number.parseInt(line, 10))
  } catch {
    return []
  }
}

/**
 * Ends what a launch left running: gives it `graceMs` to end by itself, and does not ask then. Resolves when none is left, and what they
 * listened on is free.
 */
export const endLaunch = async (launch: string, graceMs = 1500): Promise<void> => {
  const started = performance.now()
  // A process that ends loses its environment, and with it the mark, before it closes its sockets.
  const seen = new Map<number, string>()
  const left = (): number[] => {
    for (const pid of processesOfLaunch(launch)) {
      const began = startOf(pid)
      if (began !== undefined) seen.set(pid, began)
    }
    return [...seen].filter(([pid, began]) => holdsFiles(pid, began)).map(([pid]) => pid)
  }
  for (let pids = left(); pids.length > 0 && performance.now() - started < graceMs + 5000; pids = left()) {
    if (performance.now() - started > graceMs) for (const pid of pids) signal(pid)
    await sleep(50)
  }
}

/** Whether a process, or any thread of it, is still there. The threads share its files: a first one that has ended says nothing. */
const holdsFiles = (pid: number, began: string): boolean => {
  const now = startOf(pid)
  if (now !== undefined) return now === began
  if (!hasProc) return false
  try {
    return readdirSync(`/proc/${pid}/task`).length > 1
  } catch {
    return false
  }
}

const signal = (pid: number): void => {
  try {
    process.kill(pid, 'SIGKILL')
  } catch {
    // it has gone by itself
  }
}
