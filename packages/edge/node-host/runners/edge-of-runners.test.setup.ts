import type { RunnersConfig } from '@weft/protocol'
import { tokens } from '../../src/tokens.ts'
import { deployment } from '../../test/deployment.ts'
import { adapterFile } from '../../test/tiny-model.ts'
import { memoryRoot } from '../memory-composition-root.ts'
import { SmallRunner } from './small-runner.test.server.ts'

const context = { waitUntil: () => {}, passThroughOnException: () => {}, props: {} }

/** An edge in this process over runners, which are started here and end with it. */
export class EdgeOfRunners implements AsyncDisposable {
  readonly runners: readonly SmallRunner[]
  readonly root: ReturnType<typeof memoryRoot>

  private constructor(runners: readonly SmallRunner[], runnersConfig: RunnersConfig | undefined, timeoutMs: number) {
    this.runners = runners
    const { runners: _, ...rest } = deployment as typeof deployment & { runners?: RunnersConfig }
    const urls = runners.map(({ url }) => url)
    this.root = memoryRoot(runnersConfig ? { ...rest, runners: runnersConfig } : rest, urls.length > 0 ? urls : ['http://127.0.0.1:1'], timeoutMs)
  }

  /** @param configured of the runners' URLs; a plain list in place of the config when absent */
  static async start(count: number, configured?: (urls: string[]) => RunnersConfig, timeoutMs = 2000): Promise<EdgeOfRunners> {
    const runners = await Promise.all(Array.from({ length: count }, () => new SmallRunner().start()))
    return new EdgeOfRunners(runners, configured?.(runners.map(({ url }) => url)), timeoutMs)
  }

  async fetch(path: string, init: RequestInit = {}): Promise<Response> {
    const headers = { authorization: 'Bearer weft-local', ...(init.headers as Record<string, string>) }
    return this.root.container.get(tokens.app).fetch(new Request(`http://edge${path}`, { ...init, headers }), {}, context)
  }

  async json(path: string, body?: object, method = body ? 'POST' : 'GET') {
    const response = await this.fetch(path, { method, ...(body ? { body: JSON.stringify(body) } : {}) })
    return Object.assign((await response.json()) as Record<string, any>, { http: response.status })
  }

  /** Adapters `a/0`, `a/1` and so on, no two alike. */
  async publish(count: number): Promise<string[]> {
    const names = Array.from({ length: count }, (_, at) => `a/${at}`)
    for (const [at, name] of names.entries()) {
      const body = await adapterFile({ value: (at + 1) / 100 })
      const response = await this.fetch(`/v1/adapters?name=${encodeURIComponent(name)}`, { method: 'POST', body })
      if (!response.ok) throw new Error(await response.text())
    }
    return names
  }

  /** Which runner answers. */
  async complete(model: string): Promise<SmallRunner> {
    const answer = await this.json('/v1/completions', { model, prompt: 'x' })
    if (answer.http !== 200) throw new Error(JSON.stringify(answer))
    return this.runners.find(({ url }) => url === answer.choices[0].text)!
  }

  stream(model: string): Promise<Response> {
    return this.fetch('/v1/completions', { method: 'POST', body: JSON.stringify({ model, prompt: 'x', stream: true }) })
  }

  listed(): Promise<{ http: number; data: Record<string, any>[] }> {
    return this.json('/v1/runners') as never
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all(this.runners.map((runner) => runner.kill()))
  }
}
