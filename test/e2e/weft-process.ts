import { type ChildProcess, spawn, spawnSync } from 'node:child_process'
import { readdirSync, readFileSync } from 'node:fs'
import { join, resolve as resolvePath } from 'node:path'
import { createInterface } from 'node:readline'
import { setTimeout as sleep } from 'node:timers/promises'

export { freePort } from '@weft/cli/launcher/ports'

export const root = join(import.meta.dirname, '..', '..')
export const weftBin = join(root, 'packages', 'cli', 'bin', 'weft.mjs')

export type DevEvent = { event: string } & Record<string, unknown>

/** A running `weft dev --json`. */
export interface WeftProcess {
  child: ChildProcess
  url: string
  events: DevEvent[]
  stderr(): string
  /** Its state folder's key, once it is ready. */
  key(): string
  /** The first event of that name, past or future. */
  event(name: string): Promise<DevEvent>
  /** Its exit code. */
  exited: Promise<number | null>
  /** SIGINT, as Ctrl-C, and the end. */
  interrupt(): Promise<number | null>
}

/**
 * @param program what runs `weft`: this Node, unless said
 * @param env over this process' own
 */
export const startWeft = (
  port: number,
  args: string[],
  [command, ...first]: readonly [string, ...string[]] = [process.execPath, weftBin],
  env: NodeJS.ProcessEnv = {},
): WeftProcess => {
  const child = spawn(command, [...first, 'dev', '--json', '--port', String(port), ...args], {
    cwd: root,
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...process.env, ...env },
  })
  const events: DevEvent[] = []
  const waiting = new Set<() => void>()
  createInterface({ input: child.stdout! }).on('line', (line) => {
    events.push(JSON.parse(line) as DevEvent)
    for (const wake of waiting) wake()
  })
  let errors = ''
  child.stderr!.on('data', (text: Buffer) => {
    errors += text.toString()
  })
  const exited = new Promise<number | null>((resolve) =>
    child.on('close', (code) => {
      resolve(code)
      for (const wake of waiting) wake()
    }),
  )
  return {
    child,
    events,
    exited,
    url: `http://127.0.0.1:${port}`,
    stderr: () => errors,
    key: () => readFileSync(resolvePath(root, String(events.find(({ event }) => event === 'ready')!.key_file)), 'utf8').trim(),
    event: (name) =>
      new Promise((resolve, reject) => {
        const look = (): void => {
          const found = events.find(({ event }) => event === name)
          if (!found && child.exitCode === null && child.signalCode === null) return
          waiting.delete(look)
          if (found) resolve(found)
          else reject(new Error(`weft ended before "${name}": ${errors}`))
        }
        waiting.add(look)
        look()
      }),
    interrupt: () => {
      child.kill('SIGINT')
      return exited
    },
  }
}

/** A Node of this system that hands over to the one that came with the packages. */
export const olderNode = ['/usr/local/bin/node', '/usr/bin/node'].find((node) => {
  const [major, minor] = spawnSync(node, ['-p', 'process.versions.node'], { encoding: 'utf8' }).stdout?.split('.').map(Number) ?? []
  return major !== undefined && (major < 22 || (major === 22 && minor < 18))
})

/** All processes below one, from /proc. */
export const descendants = (pid: number): number[] => {
  const parents = new Map<number, number>()
  for (const entry of readdirSync('/proc')) {
    if (!/^\d+$/.test(entry)) continue
    try {
      const stat = readFileSync(`/proc/${entry}/stat`, 'utf8')
      parents.set(Number(entry), Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[1]))
    } catch {
      // it has ended meanwhile
    }
  }
  const below = (parent: number): number[] => [...parents].filter(([, its]) => its === parent).flatMap(([child]) => [child, ...below(child)])
  return below(pid)
}

export const commandLine = (pid: number): string => {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ')
  } catch {
    return ''
  }
}

export const runnerOf = (weft: WeftProcess): number | undefined => descendants(weft.child.pid!).find((pid) => commandLine(pid).includes('gpu-runner'))

const alive = (pid: number): boolean => commandLine(pid) !== ''

/** Those of them that are still there once a moment has passed. */
export const leftOf = async (pids: readonly number[]): Promise<string[]> => {
  for (let i = 0; i < 50 && pids.some(alive); i++) await sleep(100)
  return pids.filter(alive).map(commandLine)
}

/** Asks again and again until the answer is not undefined. */
export const until = async <T>(ask: () => Promise<T | undefined> | T | undefined, seconds = 60): Promise<T> => {
  for (const end = performance.now() + seconds * 1000; performance.now() < end; await sleep(100)) {
    const answer = await Promise.resolve()
      .then(ask)
      .catch(() => undefined)
    if (answer !== undefined) return answer
  }
  throw new Error(`nothing came within ${seconds} s`)
}
