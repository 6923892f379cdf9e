/**
 * Several real runners behind one edge, killed with -9 at random under load: no answer that was begun is lost, and every request is answered by another.
 *
 * Usage: npx node test/acceptance/killed-runners.ts [--runners 3] [--kills 100] [--seed 1] [--clients 8] [--json]
 */
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { floatTensor, writeAdapter } from '@weft/adapters'
import promptTuning from '@weft/plugins/prompt-tuning'
import { defineConfig } from '@weft/protocol'
import { memoryRoot } from '../../packages/edge/node-host/memory-composition-root.ts'
import { tokens } from '../../packages/edge/src/tokens.ts'
import { killedRunners, type Mortal } from '../cases/serving/killed-runners.ts'
import { tinyModel } from '../e2e/tiny-model.ts'
import { freePort, root } from '../e2e/weft-process.ts'
import { scriptOptions } from './script-options.ts'

const values = scriptOptions({
  runners: { type: 'string', default: '3' },
  kills: { type: 'string', default: '100' },
  seed: { type: 'string', default: '1' },
  clients: { type: 'string', default: '8' },
  json: { type: 'boolean', default: false },
})
const models = 12

interface Health {
  status: string
  models: { name: string; fingerprint: string; architecture: string; spec: { hidden_size: number } }[]
}

/** A runner as a process of its own, at one port for good. */
class RealRunner implements Mortal {
  readonly url: string
  readonly #args: string[]
  #process: ChildProcess | undefined

  constructor(port: number, model: string) {
    this.url = `http://127.0.0.1:${port}`
    this.#args = [join(root, 'gpu-runner/src/main.ts'), '--model', model, '--port', String(port), '--threads', '1']
  }

  async start(): Promise<void> {
    this.#process = spawn(process.execPath, this.#args, { stdio: ['ignore', 'ignore', 'ignore', 'ipc'], env: { ...process.env, WEFT_LOG_LEVEL: 'silent' } })
    while ((await this.health())?.status !== 'ok') await sleep(50)
  }

  async kill(): Promise<void> {
    const child = this.#process
    if (!child || child.exitCode !== null || child.signalCode !== null) return
    const ended = once(child, 'exit')
    child.kill('SIGKILL')
    await ended
  }

  health = (): Promise<Health | undefined> =>
    fetch(`${this.url}/health`).then(
      (response) => response.json() as Promise<Health>,
      () => undefined,
    )
}

const folder = mkdtempSync(join(tmpdir(), 'weft-killed-runners-'))
const runners: RealRunner[] = []
let failed = false
try {
  const model = tinyModel(join(folder, 'model'))
  for (let at = 0; at < Number(values.runners); at++) runners.push(new RealRunner(await freePort(), model))
  for (const runner of runners) await runner.start()
  const config = defineConfig({ models: { base: {} }, plugins: [promptTuning] })
  const { container } = memoryRoot(
    config,
    runners.map(({ url }) => url),
    30_000,
  )
  const ask = (path: string, body: BodyInit): Promise<Response> => {
    const request = new Request(`http://edge${path}`, { method: 'POST', headers: { authorization: 'Bearer weft-local' }, body })
    return Promise.resolve(container.get(tokens.app).fetch(request, {}, { waitUntil: () => {}, passThroughOnException: () => {}, props: {} }))
  }
  const [held] = (await runners[0]!.health())!.models
  const base = { name: held!.name, fingerprint: held!.fingerprint, architecture: held!.architecture }
  const hiddenSize = held!.spec.hidden_size
  for (let at = 0; at < models; at++) {
    const rows = floatTensor(
      [2, hiddenSize],
      Float32Array.from({ length: 2 * hiddenSize }, (_, i) => Math.sin((at + 1) * 7919 + i)),
    )
    const manifest = { method: 'prompt-tuning', config: { numVirtualTokens: 2 }, base, task: 'CAUSAL_LM' as const, lineage: {} }
    const response = await ask(`/v1/adapters?name=killed/${at}`, await writeAdapter(manifest, { inputsEmbeds: { rows } }))
    if (!response.ok) throw new Error(await response.text())
  }
  const report = await killedRunners({
    runners,
    complete: (at, stream) => ask('/v1/completions', JSON.stringify({ model: `base + killed/${at}`, prompt: 'We', max_tokens: 40, temperature: 0, stream })),
    models,
    kills: Number(values.kills),
    seed: Number(values.seed),
    clients: Number(values.clients),
    pauseMs: 300,
  })
  console.log(values.json ? JSON.stringify(report) : report)
  failed = report.kills !== Number(values.kills) || report.lost > 0 || report.wrong > 0 || Object.keys(report.refused).length > 0 || report.answered === 0
} finally {
  for (const runner of runners) await runner.kill()
  rmSync(folder, { recursive: true, force: true })
}
process.exit(failed ? 1 : 0)
