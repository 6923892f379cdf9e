import { randomBytes } from 'node:crypto'
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import type { EdgeHealth } from '@weft/client'
import { notReady } from '../errors.ts'
import { awaitHealth } from './await-health.ts'
import { edgeCommand } from './edge-command.ts'
import { migrate } from './migrate.ts'
import { freePort, requireFreePort } from './ports.ts'
import { runnerCommand } from './runner-command.ts'
import { StateFolder } from './state-folder.ts'
import { Supervised, type Watcher } from './supervised.ts'

export interface LaunchOptions {
  port: number
  /** Folder of everything that is remembered. */
  state: string
  /** weft.config.ts, or another. */
  config: string
  model?: string | undefined
  device?: string | undefined
  /** A runner that is already there (its token in WEFT_RUNNER_TOKEN); without it one is started. */
  runnerUrl?: string
  /** The API key, good on loopback. */
  key: string
}

/** A runner and an edge that run, and are started again when they die. */
export interface Launched {
  url: string
  state: StateFolder
  /** Resolves with the edge's health once the runner serves its models; undefined when `signal` fires before. */
  runnerReady(signal: AbortSignal): Promise<EdgeHealth | undefined>
  /** Ends both with everything they started. Leaves no process behind, also when one hangs. */
  stop(): Promise<void>
  /** The same at once, without asking. */
  kill(): void
}

const EDGE_SECONDS = 120
const GRACE_MS = 4000

/**
 * Starts a runner on a free loopback port with a token of its own, brings the local database up to date, and starts
 * the Worker. Returns when `/health` answers; the runner may still be loading its model then.
 * @throws CliError `port_taken`, `state_in_use`, `migrations_failed`, `not_ready`
 */
export const launch = async ({ port, state: folder, config, model, device, runnerUrl, key }: LaunchOptions, watcher: Watcher): Promise<Launched> => {
  await requireFreePort(port)
  const state = new StateFolder(folder)
  const noted: Watcher = {
    ...watcher,
    onStart: (name, pid) => {
      state.noteGroup(pid)
      watcher.onStart?.(name, pid)
    },
  }
  const token = runnerUrl === undefined ? randomBytes(24).toString('base64url') : (process.env.WEFT_RUNNER_TOKEN ?? '')
  const runnerPort = await freePort()
  const url = `http://127.0.0.1:${port}`
  const runner =
    runnerUrl === undefined
      ? [new Supervised(runnerCommand({ port: runnerPort, token, config, model, device, state: state.path, log: state.log('runner') }), noted)]
      : []
  const edge = new Supervised(
    await edgeCommand({
      port,
      state: state.path,
      config,
      runnerUrl: runnerUrl ?? `http://127.0.0.1:${runnerPort}`,
      runnerToken: token,
      localKey: key,
      log: state.log('edge'),
    }),
    noted,
  )
  const children = [edge, ...runner]
  const stop = async (): Promise<void> => {
    await Promise.all(children.map((child) => child.stop(GRACE_MS)))
    state[Symbol.dispose]()
  }
  const kill = (): void => {
    for (const child of children) child.kill()
    state[Symbol.dispose]()
  }
  // Whatever ends this process, its children go with it.
  process.once('exit', kill)
  try {
    for (const child of runner) child.start()
    // A new database may be made while the Worker starts; one that holds something is changed before the Worker sees it.
    const migrated = migrate(state.path)
    if (existsSync(join(state.path, 'edge', 'v3'))) await migrated
    edge.start()
    await migrated
    if (!(await awaitHealth(url, { seconds: EDGE_SECONDS }))) throw notReady('The edge', EDGE_SECONDS, state.log('edge'))
  } catch (error) {
    await stop()
    throw error
  }
  return {
    url,
    state,
    stop,
    kill,
    runnerReady: (signal) =>
      awaitHealth<EdgeHealth>(url, {
        seconds: Infinity,
        signal,
        accept: ({ runner }) => runner.reachable && runner.status === 'ok' && runner.models.length > 0,
      }),
  }
}
