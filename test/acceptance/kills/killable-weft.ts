import { createHash, randomBytes } from 'node:crypto'
import { join } from 'node:path'
import { runnerCommand } from '@weft/cli/launcher/runner-command'
import { Supervised, type Watcher } from '@weft/cli/launcher/supervised'
import { WeftClient } from '@weft/client'
import { tinyModel } from '../../e2e/tiny-model.ts'
import { commandLine, descendants, freePort, root, startWeft, until, weftBin } from '../../e2e/weft-process.ts'

/** A Weft whose processes are started again when they end, and which of them may be killed. */
export interface KillableWeft {
  client: WeftClient
  /** By what a process is for: where it runs now, if it does. */
  processes: Readonly<Record<string, () => number | undefined>>
  stop(): Promise<unknown>
}

/** `weft dev`: a runner, and the Worker under workerd with its launcher. */
export async function killableDev(folder: string): Promise<KillableWeft> {
  const weft = startWeft(await freePort(), ['--no-demo', '--model', tinyModel(join(folder, 'model')), '--state', join(folder, 'state')])
  await weft.event('runner')
  // By what its command line has in it.
  const process = (part: string) => () => descendants(weft.child.pid!).find((pid) => commandLine(pid).includes(part))
  return {
    client: new WeftClient({ baseUrl: weft.url, apiKey: weft.key() }),
    processes: { runner: process('gpu-runner'), edge: process('local-edge/main'), workerd: process('workerd') },
    stop: () => weft.interrupt(),
  }
}

/** `weft serve` over SQLite and a folder, and a runner beside it. */
export async function killableServe(folder: string): Promise<KillableWeft> {
  const [runnerPort, port] = [await freePort(), await freePort()]
  const [key, token] = [randomBytes(24).toString('base64url'), randomBytes(24).toString('base64url')]
  const config = join(root, 'weft.config.ts')
  const pids = new Map<string, number>()
  const watcher: Watcher = { onLine: () => {}, onRestart: () => {}, onGivenUp: () => {}, onStart: (name, pid) => void pids.set(name, pid) }
  const model = tinyModel(join(folder, 'model'))
  const runner = new Supervised(runnerCommand({ port: runnerPort, token, config, model, state: folder, log: join(folder, 'runner.log') }), watcher)
  const environment = {
    API_KEY_SHA256: createHash('sha256').update(key).digest('hex'),
    RUNNER_URL: `http://127.0.0.1:${runnerPort}`,
    RUNNER_TOKEN: token,
    LOG_REQUESTS: 'off',
  }
  const stored = ['--database', join(folder, 'weft.sqlite'), '--storage', join(folder, 'objects')]
  const edge = new Supervised(
    {
      name: 'edge',
      args: [weftBin, 'serve', '--port', String(port), '--config', config, '--no-console', '--json', ...stored],
      env: { ...process.env, ...environment },
      cwd: root,
      log: join(folder, 'edge.log'),
    },
    watcher,
  )
  const client = new WeftClient({ baseUrl: `http://127.0.0.1:${port}`, apiKey: key })
  const stop = () => Promise.all([edge.stop(4000), runner.stop(4000)])
  runner.start()
  edge.start()
  try {
    await until(async () => ((await client.health()).runner as { status?: string }).status === 'ok' || undefined, 120)
  } catch (error) {
    await stop()
    throw error
  }
  const of = (name: string) => () => [pids.get(name)].find((pid) => pid !== undefined && commandLine(pid) !== '')
  return { client, processes: { runner: of('runner'), edge: of('edge') }, stop }
}
