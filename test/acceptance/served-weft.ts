import { WeftClient } from '@weft/client'
import { freePort, runnerOf, startWeft, type WeftProcess } from '../e2e/weft-process.ts'

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
