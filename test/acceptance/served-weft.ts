import { readFileSync } from 'node:fs'
import { WeftClient } from '@weft/client'
import { commandLine, descendants, freePort, runnerOf, startWeft, type WeftProcess } from '../e2e/weft-process.ts'

/** A real `weft dev` with a state folder of its own, and its client. */
export class ServedWeft implements AsyncDisposable {
  readonly client: WeftClient
  readonly #weft: WeftProcess

  private constructor(weft: WeftProcess) {
    this.#weft = weft
    this.client = new WeftClient({ baseUrl: weft.url, apiKey: weft.key() })
  }

  /** Resolves when the edge answers and its runner serves a model. */
  static async start(state: string, options: string[] = []): Promise<ServedWeft> {
    const weft = startWeft(await freePort(), ['--no-demo', '--state', state, ...options])
    await weft.event('runner')
    return new ServedWeft(weft)
  }

  get url(): string {
    return this.#weft.url
  }

  get key(): string {
    return this.#weft.key()
  }

  /** CPU seconds that the edge's workerd and the runner have used so far. */
  cpuSeconds(): { edge: number; runner: number } {
    const used = (name: string): number =>
      descendants(this.#weft.child.pid!)
        .filter((pid) => commandLine(pid).includes(name))
        .reduce((sum, pid) => sum + cpuSecondsOf(pid), 0)
    return { edge: used('bin/workerd'), runner: used('gpu-runner') }
  }

  /** Ends the runner as a crash would; false when none runs at the moment. */
  killRunner(): boolean {
    const pid = runnerOf(this.#weft)
    if (pid === undefined) return false
    process.kill(pid, 'SIGKILL')
    return true
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#weft.interrupt()
  }
}

/** Of user and system, in ticks of 10 ms, from /proc. */
const cpuSecondsOf = (pid: number): number => {
  const stat = readFileSync(`/proc/${pid}/stat`, 'utf8')
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
  return (Number(fields[11]) + Number(fields[12])) / 100
}
