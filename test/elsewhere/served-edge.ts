import { type ChildProcess, spawn } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { freePort } from '@weft/cli/launcher/ports'
import { WeftClient } from '@weft/client'
import { serve } from '@weft/node-edge'
import { plugins } from '@weft/plugins'
import { defineConfig, type ExecutorsConfig } from '@weft/protocol'

const root = join(import.meta.dirname, '..', '..')

export interface ServedEdge extends AsyncDisposable {
  client: WeftClient
  url: string
}

/** A runner in a process of its own, and an edge on Node in this one, which declares executors. @param ports of the edge and the runner; any that are free when absent */
export async function servedEdge({
  model,
  executors,
  ports = [],
}: {
  model: string
  executors: ExecutorsConfig
  ports?: readonly number[]
}): Promise<ServedEdge> {
  const [port = await freePort(), runnerPort = await freePort()] = ports
  const scratch = mkdtempSync(join(tmpdir(), 'weft-elsewhere-'))
  const runner = spawn(
    process.execPath,
    [
      join(root, 'gpu-runner/src/main.ts'),
      '--config',
      join(root, 'weft.config.ts'),
      '--model',
      `base=${model}`,
      '--port',
      String(runnerPort),
      '--device',
      'cpu',
      '--threads',
      '1',
      '--training-threads',
      '1',
    ],
    {
      stdio: ['ignore', 'ignore', 'inherit'],
      env: { ...process.env, WEFT_LOG_LEVEL: 'error' },
    },
  )
  let key = ''
  const config = defineConfig({ models: { base: { path: model } }, plugins: [...plugins], executors })
  const serving = await serve({
    config,
    host: '127.0.0.1',
    port,
    database: join(scratch, 'weft.sqlite'),
    storage: join(scratch, 'objects'),
    environment: { ...process.env, LOG_REQUESTS: 'off', RUNNER_URL: `http://127.0.0.1:${runnerPort}` },
    onFirstKey: (made) => (key = made),
    onLost: (error) => {
      throw error
    },
  })
  const stop = async (): Promise<void> => {
    await serving.stop(5000)
    runner.kill('SIGTERM')
    rmSync(scratch, { recursive: true, force: true })
  }
  try {
    await ready(`http://127.0.0.1:${runnerPort}/readyz`, runner)
  } catch (error) {
    await stop()
    throw error
  }
  const url = `http://127.0.0.1:${serving.port}`
  return { client: new WeftClient({ baseUrl: url, apiKey: key }), url, [Symbol.asyncDispose]: stop }
}

async function ready(url: string, { exitCode }: ChildProcess): Promise<void> {
  for (let attempt = 0; attempt < 300 && exitCode === null; attempt++) {
    if (
      await fetch(url).then(
        ({ ok }) => ok,
        () => false,
      )
    )
      return
    await sleep(200)
  }
  throw new Error('the runner did not come up')
}
