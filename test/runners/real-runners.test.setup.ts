import promptTuning from '@weft/plugins/prompt-tuning'
import { defineConfig, type RunnersConfig } from '@weft/protocol'
import { tokens as runnerTokens } from '../../gpu-runner/src/composition-root.ts'
import { tinyRunner } from '../../gpu-runner/test/tiny-runner.test.setup.ts'
import { memoryRoot } from '../../packages/edge/node-host/memory-composition-root.ts'
import { runnerUnavailable } from '../../packages/edge/src/errors.ts'
import { tokens } from '../../packages/edge/src/tokens.ts'
import { writeTinyLlama } from '../models/tiny-llama.ts'

const context = { waitUntil: () => {}, passThroughOnException: () => {}, props: {} }

/** A whole runner of this process over a tiny llama, whose weights follow from a seed. */
export class RealRunner {
  readonly #runner: ReturnType<typeof tinyRunner>
  /** Requests that it got. */
  asked: string[] = []
  /** Whether it answers; what it computes goes on. */
  isAway = false

  constructor(seed: string) {
    this.#runner = tinyRunner(writeTinyLlama(seed), { plugins: [promptTuning] })
  }

  async load(): Promise<this> {
    await this.#runner.load()
    return this
  }

  get model() {
    return this.#runner.container.get(runnerTokens.models).ready[0]!.engine.model
  }

  async fetch(path: string, init: RequestInit): Promise<Response> {
    if (this.isAway) throw runnerUnavailable('nobody listens')
    this.asked.push(`${init.method} ${path}`)
    return this.#runner.app.request(path, init)
  }

  close = (): Promise<void> => this.#runner.close()
}

/** An edge of this process over such runners, each under the host name that stands for it. */
export function edgeOfRealRunners(runners: ReadonlyMap<string, RealRunner>, config: RunnersConfig) {
  const root = memoryRoot(defineConfig({ models: { base: {} }, plugins: [promptTuning], runners: config }), [])
  root.container.rebind(tokens.openTransport).toConstantValue((url) => async ({ method = 'GET', path, body, headers = {} }) => {
    // A form gets its boundary from a request.
    const { headers: whole, body: bytes } = new Request(`http://runner${path}`, { method, headers, ...(body === undefined ? {} : { body, duplex: 'half' }) })
    return runners.get(new URL(url).hostname)!.fetch(path, { method, headers: whole, ...(bytes ? { body: await new Response(bytes).arrayBuffer() } : {}) })
  })
  return {
    ...root,
    async json(path: string, body?: object | FormData) {
      const init = { method: body ? 'POST' : 'GET', headers: { authorization: 'Bearer weft-local' } }
      const sent = body instanceof FormData ? body : JSON.stringify(body)
      const request = new Request(`http://edge${path}`, { ...init, ...(body ? { body: sent } : {}) })
      const response = await root.container.get(tokens.app).fetch(request, {}, context)
      return Object.assign((await response.json()) as Record<string, any>, { http: response.status })
    },
  }
}
