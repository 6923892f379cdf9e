import { afterAll, beforeAll, beforeEach } from 'vitest'
import { tokens } from '../../src/tokens.ts'
import { deployment } from '../../test/deployment.ts'
import { type Seen, type Step, startScriptedRunner } from '../../test/scripted-runner.test.server.ts'
import { healthy } from '../../test/tiny-model.ts'
import { memoryRoot } from '../memory-composition-root.ts'

const context = { waitUntil: () => {}, passThroughOnException: () => {}, props: {} }

/** An edge in this process and a runner that does what a test scripts; every test has an edge of its own. @param timeoutMs how long it waits for the runner */
export function scriptedEdge(timeoutMs: number) {
  let runner: Awaited<ReturnType<typeof startScriptedRunner>>
  let root: ReturnType<typeof memoryRoot>
  beforeAll(async () => {
    runner = await startScriptedRunner()
  })
  afterAll(() => runner.stop())
  beforeEach(() => {
    root = memoryRoot(deployment, runner.url, timeoutMs)
  })
  return {
    /** The edge's parts, and the hosts of its jobs and batches. */
    root: () => root,
    /** The answer's text, its status as `http`, and what it says where it is one JSON object. */
    edge: async (path: string, init: RequestInit = {}) => {
      const headers = { authorization: 'Bearer weft-local', ...(init.headers as Record<string, string>) }
      const response = await root.container.get(tokens.app).fetch(new Request(`http://edge${path}`, { ...init, headers }), {}, context)
      const text = await response.text()
      return { http: response.status, text, ...(/^\{.*\}$/.test(text) ? JSON.parse(text) : {}) }
    },
    script: async (...steps: Step[]) => void (await fetch(`${runner.url}/script`, { method: 'PUT', body: JSON.stringify([...steps, healthy()]) })),
    /** What the runner was asked since, health aside. */
    seen: async () => ((await (await fetch(`${runner.url}/script`)).json()) as Seen[]).filter(({ path }) => path !== '/health'),
  }
}

/** Asks again and again, for eight seconds. */
export async function until<T>(condition: () => Promise<T | undefined | false>): Promise<T> {
  for (let n = 0; n < 800; n++) {
    const value = await condition()
    if (value) return value
    await new Promise((resolve) => setTimeout(resolve, 10))
  }
  throw new Error('it never came')
}
