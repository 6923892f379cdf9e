import { randomBytes } from 'node:crypto'
import { type EdgeHealth, runnerOf } from '@weft/client'
import { cannotServe, notReady } from '../errors.ts'
import { bundleWorker } from '../local-edge/bundle.ts'
import { checkDatabases } from '../local-edge/check-databases.ts'
import { copyConsole } from '../local-edge/console-folder.ts'
import { deploymentOf } from '../local-edge/deployment.ts'
import { migrate } from '../local-edge/migrate.ts'
import { awaitHealth } from './await-health.ts'
import { edgeCommand } from './edge-command.ts'
import { localKey, shownKeyFile } from './local-key.ts'
import { freePort, requireFreePort } from './ports.ts'
import { LAUNCH_VARIABLE } from './processes.ts'
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
  /** Where the base model is that is served, for commands that read it themselves: `model`, or the configuration's. */
  serves?: string | undefined
  device?: string | undefined
  precision?: string | undefined
  /** How many runners are started; 1 when absent. */
  runners?: number | undefined
  /** Runners that are already there, with spaces between (their token in WEFT_RUNNER_TOKEN); without it one is started. */
  runnerUrl?: string
  /** A key that is let in beside the state folder's own. */
  key?: string | undefined
}

/** A runner and an edge that run, and are started again when they die. */
export interface Launched {
  url: string
  state: StateFolder
  /** The state folder's key, and where it lies. */
  key: string
  keyFile: string
  /** Resolves with the edge's health once the runner serves a model; undefined when `signal` fires before. @throws CliError `cannot_serve` */
  runnerReady(signal: AbortSignal): Promise<EdgeHealth | undefined>
  /** Rejects with `cannot_serve` when a child will not do what it was asked for, however often it is started. */
  readonly givenUp: Promise<never>
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
 * @throws CliError `state_in_use`, `state_unwritable`, `storage_full`, `port_taken`, `database_broken`, `migrations_failed`, `bundle_failed`, `not_ready`
 */
export const launch = async (
  { port, state: folder, config, model, serves = model, device, precision, runners = 1, runnerUrl, key: alias }: LaunchOptions,
  watcher: Watcher,
): Promise<Launched> => {
  // What this process and its children write is for this user alone.
  process.umask(0o077)
  // The state first: a launcher that was killed may have left something on the port, and taking its state over ends that.
  const state = await StateFolder.take(folder, { model: serves, url: localUrl(port) })
  try {
    await requireFreePort(port)
    await checkDatabases(state.path)
    return await launchIn(state, { port, config, model, device, precision, runners, runnerUrl, alias }, watcher)
  } catch (error) {
    state[Symbol.dispose]()
    throw error
  }
}

/** Where the edge of a start listens. */
const localUrl = (port: number): string => `http://127.0.0.1:${port}`

interface LaunchIn {
  port: number
  config: string
  model: string | undefined
  device: string | undefined
  precision: string | undefined
  runners: number
  runnerUrl: string | undefined
  alias: string | undefined
}

const launchIn = async (
  state: StateFolder,
  { port, config, model, device, precision, runners, runnerUrl, alias }: LaunchIn,
  told: Watcher,
): Promise<Launched> => {
  const given = Promise.withResolvers<never>()
  given.promise.catch(() => {})
  const watcher: Watcher = {
    ...told,
    onGivenUp(name, reason) {
      told.onGivenUp(name, reason)
      given.reject(cannotServe(reason ?? `the ${name} ended, and its log does not say why`))
    },
  }
  process.env[LAUNCH_VARIABLE] = state.launch
  const key = localKey(state.path)
  const keyFile = shownKeyFile(state.path)
  const token = runnerUrl === undefined ? randomBytes(24).toString('base64url') : (process.env.WEFT_RUNNER_TOKEN ?? '')
  const ports = new Set<number>()
  while (runnerUrl === undefined && ports.size < runners) ports.add(await freePort())
  const url = localUrl(port)
  const runner = [...ports].map((runnerPort, at) => {
    const name = at === 0 ? 'runner' : `runner-${at + 1}`
    return new Supervised(runnerCommand({ name, port: runnerPort, token, config, model, device, precision, state: state.path, log: state.log(name) }), watcher)
  })
  const deployment = await deploymentOf(config, state.path)
  const edge = new Supervised(
    edgeCommand({
      port,
      state: state.path,
      deployment,
      runnerUrl: runnerUrl ?? [...ports].map((runnerPort) => `http://127.0.0.1:${runnerPort}`).join(' '),
      runnerToken: token,
      keys: alias === undefined ? [key] : [key, alias],
      keyFile,
      log: state.log('edge'),
    }),
    watcher,
  )
  const children = [edge, ...runner]
  // Who asks whether it is healthy would ask on, and this process not end before that.
  const ended = new AbortController()
  const stop = async (): Promise<void> => {
    ended.abort()
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
    await copyConsole(state.path, (line) => watcher.onLine(line))
    await Promise.race([Promise.all([migrate(state.path, deployment), bundleWorker(state.path, deployment)]), given.promise])
    edge.start()
    const health = await Promise.race([awaitHealth<EdgeHealth>(url, { seconds: EDGE_SECONDS, signal: ended.signal }), given.promise])
    if (!health) throw notReady('The edge', EDGE_SECONDS, state.log('edge'))
    // A runner that has found by now that it has nothing to serve: that is said alone.
    requireModels(health)
  } catch (error) {
    await stop()
    throw error
  }
  return {
    url,
    state,
    key,
    keyFile,
    stop,
    kill,
    givenUp: given.promise,
    async runnerReady(signal) {
      const either = AbortSignal.any([signal, ended.signal])
      const health = await Promise.race([awaitHealth<EdgeHealth>(url, { seconds: Infinity, signal: either, accept: isLoaded }), given.promise])
      if (health) requireModels(health)
      return health
    },
  }
}

/** Models that could be loaded are, by then. */
const isLoaded = ({ runner }: EdgeHealth): boolean => runner.reachable && runner.status === 'ok'

const requireModels = (health: EdgeHealth): void => {
  const runner = runnerOf(health)
  if (isLoaded(health) && runner?.models.length === 0) throw cannotServe(whyNone(runner.failures))
}

const whyNone = (failures: readonly { name: string; message: string }[] = []): string =>
  failures.length === 0 ? 'the runner has no model' : failures.map(({ name, message }) => `the model "${name}" was not loaded: ${message}`).join('; ')
