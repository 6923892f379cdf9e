import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { setTimeout as sleep } from 'node:timers/promises'
import { WeftClient } from '@weft/client'
import { benchRunnerSilent } from '../../errors.ts'
import { launch } from '../../launcher/launch.ts'
import { freePort } from '../../launcher/ports.ts'
import { defaultConfig } from '../../launcher/project.ts'
import { runnerCommand } from '../../launcher/runner-command.ts'

/** A runner whose address is known, so that it can be asked with and without the edge. */
export class BenchRunner implements AsyncDisposable {
  readonly url: string
  readonly #process: ReturnType<typeof spawn>

  private constructor(url: string, child: ReturnType<typeof spawn>) {
    this.url = url
    this.#process = child
  }

  /** Without a token it listens to this machine alone. @throws CliError `bench_runner_silent` */
  static async start(state: string): Promise<BenchRunner> {
    const port = await freePort()
    const { args, cwd } = runnerCommand({ port, token: '', config: defaultConfig, state, log: '' })
    const child = spawn(process.execPath, args, {
      cwd,
      env: { ...process.env, WEFT_RUNNER_TOKEN: '', WEFT_LOG_LEVEL: 'error' },
      stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
    })
    const url = `http://127.0.0.1:${port}`
    for (let tries = 0; tries < 600; tries++) {
      const health = await fetch(`${url}/health`).then(
        (response) => response.json() as Promise<{ status: string; models: { fingerprint: string }[] }>,
        () => undefined,
      )
      if (health?.status === 'ok') return new BenchRunner(url, child)
      await sleep(100)
    }
    child.kill()
    throw benchRunnerSilent()
  }

  async generate(composition: string | null, requestId?: string): Promise<void> {
    const body = JSON.stringify({ model: 'base', composition, prompt: { text: 'We' }, max_tokens: 1, temperature: 0 })
    const response = await fetch(`${this.url}/generate`, {
      method: 'POST',
      body,
      headers: { 'content-type': 'application/json', ...(requestId && { 'x-request-id': requestId }) },
    })
    await response.text()
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const ended = once(this.#process, 'exit')
    this.#process.kill('SIGTERM')
    await ended
  }
}

export interface BenchEdge extends AsyncDisposable {
  client: WeftClient
  complete(model: string): Promise<void>
}

/** The Worker under workerd, on a port of its own, as a local start has it. */
export async function startEdge(state: string, runnerUrl: string, config = defaultConfig): Promise<BenchEdge> {
  const port = await freePort()
  const launched = await launch({ port, state, config, runnerUrl }, { onLine: () => {}, onRestart: () => {}, onGivenUp: () => {} })
  const headers = { authorization: `Bearer ${launched.key}`, 'content-type': 'application/json' }
  return {
    client: new WeftClient({ baseUrl: launched.url, apiKey: launched.key }),
    async complete(model) {
      const body = JSON.stringify({ model, prompt: 'We', max_tokens: 1, temperature: 0 })
      const response = await fetch(`${launched.url}/v1/completions`, { method: 'POST', body, headers })
      if (!response.ok) throw new Error(await response.text())
      await response.text()
    },
    [Symbol.asyncDispose]: () => launched.stop(),
  }
}
