import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { rmSync } from 'node:fs'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { defineConfig } from '@weft/protocol'
import { overload } from '@weft/test/cases/serving/overload'
import { writeTinyLlama } from '@weft/test/models/tiny-llama'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { tokens } from '../src/tokens.ts'
import { memoryRoot } from './memory-composition-root.ts'

/** Places of a tenant: half of those of the runner, which has 4 rows and the others behind them. */
const places = 32
const folder = writeTinyLlama()
let runner: ChildProcess
let edge: ReturnType<typeof memoryRoot>

/** A real runner, on a free port. */
beforeAll(async () => {
  const main = join(import.meta.dirname, '../../../gpu-runner/src/main.ts')
  const options = ['--model', folder, '--port', '0', '--threads', '1', '--max-batch', '4', '--max-waiting', String(2 * places)]
  runner = spawn(process.execPath, [main, ...options], { stdio: ['ignore', 'ignore', 'pipe', 'ipc'] })
  let url = ''
  for await (const line of createInterface({ input: runner.stderr! })) {
    const { msg, url: listening } = JSON.parse(line)
    if (msg === 'listening') url = listening
    if (url && ((await (await fetch(`${url}/health`)).json()) as { status: string }).status === 'ok') break
  }
  runner.stderr!.resume()
  edge = memoryRoot(defineConfig({ models: { base: {} }, plugins: [] }), url, 60_000)
})
afterAll(async () => {
  const exited = once(runner, 'exit')
  runner.kill('SIGKILL')
  await exited
  rmSync(folder, { recursive: true })
})

const context = { waitUntil: () => {}, passThroughOnException: () => {}, props: {} }
const post = async (path: string, body: object): Promise<Response> => {
  const headers = { authorization: 'Bearer weft-local' }
  return edge.container.get(tokens.app).fetch(new Request(`http://edge${path}`, { method: 'POST', headers, body: JSON.stringify(body) }), {}, context)
}

test('a runner that is full drops nothing, and what is too much is refused at once, whatever its kind', async () => {
  const report = await overload(post, { streams: places, beyond: 24, seed: 1, tokens: [200, 300], everyMs: 2 })
  expect(report).toMatchObject({ streams: places, dropped: 0, wrong: 0 })
  expect(report.refused).toBeGreaterThan(12)
  for (const [kind, refused] of Object.entries(report.refusedByKind)) expect(refused, kind).toBeGreaterThan(0)
  // Where nothing else runs it is far less: `test/acceptance/overload.ts` holds it against 50 ms.
  expect(report.refusalMs.p50).toBeLessThan(1000)
})
