import { spawn, type ChildProcess } from 'node:child_process'
import { readFileSync, readdirSync } from 'node:fs'
import { createServer } from 'node:net'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { WeftClient } from '@weft/client'

const root = join(import.meta.dirname, '..', '..')

/** A real `weft dev` with its own state folder, as a person would start it. */
export class WeftProcess implements AsyncDisposable {
  readonly url: string
  readonly client: WeftClient
  readonly #child: ChildProcess
  #output = ''

  private constructor(child: ChildProcess, port: number) {
    this.#child = child
    this.url = `http://127.0.0.1:${port}`
    this.client = new WeftClient({ baseUrl: this.url, apiKey: 'weft-local' })
    for (const stream of [child.stdout!, child.stderr!]) stream.setEncoding('utf8').on('data', (text: string) => { this.#output += text })
  }

  /** Resolves when the edge answers and its runner serves a model. */
  static async start(state: string, options: string[] = []): Promise<WeftProcess> {
    const port = await freePort()
    const args = [join(root, 'packages/cli/bin/weft.mjs'), 'dev', '--no-demo', '--state', state, '--port', String(port), ...options]
    const child = spawn(process.execPath, args, { cwd: root, stdio: ['ignore', 'pipe', 'pipe'] })
    const weft = new WeftProcess(child, port)
    for (let i = 0; i < 1200; i++) {
      if (child.exitCode !== null) throw new Error(`weft dev ended with ${child.exitCode}:\n${weft.#output}`)
      const health = await weft.client.health().catch(() => undefined)
      if (health?.runner.reachable && health.runner.models.length) return weft
      await sleep(100)
    }
    throw new Error(`weft dev was not ready within two minutes:\n${weft.#output}`)
  }

  get output(): string { return this.#output }

  /** The runner's process, found as a script would: by `gpu-runner` in its command line, below this launcher. */
  runnerPid(): number | undefined {
    return descendants(this.#child.pid!).find((pid) => commandLine(pid).includes('gpu-runner'))
  }

  /** Ends the runner as a crash would. */
  killRunner(): boolean {
    const pid = this.runnerPid()
    if (pid === undefined) return false
    process.kill(pid, 'SIGKILL')
    return true
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#child.exitCode !== null) return
    this.#child.kill('SIGINT')
    for (let i = 0; i < 150 && this.#child.exitCode === null; i++) await sleep(100)
    if (this.#child.exitCode === null) this.#child.kill('SIGKILL')
  }
}

const freePort = (): Promise<number> => new Promise((resolve, reject) => {
  const server = createServer().once('error', reject)
  server.listen(0, '127.0.0.1', () => {
    const { port } = server.address() as { port: number }
    server.close(() => resolve(port))
  })
})

const commandLine = (pid: number): string => {
  try { return readFileSync(`/proc/${pid}/cmdline`, 'utf8') } catch { return '' }
}

const descendants = (ancestor: number): number[] => {
  const parents = new Map<number, number>()
  for (const name of readdirSync('/proc')) {
    if (!/^\d+$/.test(name)) continue
    try { parents.set(Number(name), Number(readFileSync(`/proc/${name}/stat`, 'utf8').replace(/^.*\) /, '').split(' ')[1])) } catch { /* it ended */ }
  }
  const below = (pid: number): boolean => {
    const parent = parents.get(pid)
    return parent !== undefined && (parent === ancestor || below(parent))
  }
  return [...parents.keys()].filter(below)
}
