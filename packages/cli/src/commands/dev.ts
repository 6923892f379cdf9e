import { existsSync } from 'node:fs'
import { resolve } from 'node:path'
import { runnerOf } from '@weft/client'
import { Command, Option } from 'commander'
import { firstModel, readConfiguration } from '../configuration.ts'
import { apiKey, clientOf, toldToCommands } from '../connection.ts'
import { type DemoOptions, runDemo, tellMissing } from '../demo/run-demo.ts'
import { runShipped } from '../demo/shipped/run.ts'
import { SERVE_ANSWERS } from '../demo/show.ts'
import { modelFolderMissing } from '../errors.ts'
import { precision } from '../input/precision.ts'
import { refuseUnread } from '../input/unread-options.ts'
import { type Launched, launch } from '../launcher/launch.ts'
import { defaultConfig, stateFolder } from '../launcher/project.ts'
import { runningRunners } from '../launcher/running-runners.ts'
import { whole } from '../numbers.ts'
import { outputOf } from '../output/output.ts'
import { progressOf } from '../watching/progress.ts'
import { findOrPull } from './base-models/find-or-pull.ts'

interface Options {
  model?: string
  revision?: string
  port: number
  device?: string
  precision?: string
  runners?: number
  demo?: boolean
  state?: string
  config: string
  key?: string
  json?: boolean
}

export const dev = (): Command =>
  new Command('dev')
    .description('start the runner and the edge on this machine')
    .option(
      '--model <model>',
      'base model to serve: a folder, a GGUF file, a pulled or known name (smollm2-135m), a hub id (org/name, or org/name:Q4_K_M of GGUFs) (default: the bundled one)',
    )
    .option('--revision <name>', "a branch, tag or commit of the hub's, where --model is a hub id; fetched once, and kept as org/name@revision (default: main)")
    .option('--port <n>', 'port of the edge, on 127.0.0.1', whole(1, 65535), 8787)
    .addOption(new Option('--device <name>', 'where the runner computes').choices(['auto', 'cpu', 'cuda', 'webgpu']))
    .addOption(precision())
    .option('--runners <n>', 'how many runners to start; the edge chooses among them (default: 1)', whole(1, 32))
    .option('--demo', "train the demo's adapters if they are not there (default with the bundled model)")
    .option(
      '--no-demo',
      'train and publish nothing: mail/spam, style/speech and style/whale, which examples of README.md ask, are then not there, nor what comes along for a model',
    )
    .addOption(new Option('--state <dir>', "folder of all stored data (default: the configuration's, or .weft)").env('WEFT_STATE'))
    .option('--config <file>', 'models, plugins and routes', defaultConfig)
    .addOption(new Option('--key <key>', "a key of your own, let in beside the state folder's").env('WEFT_API_KEY').argParser(apiKey))
    .option('--json', 'say what happens as JSON lines')
    .action(async ({ revision, ...options }: Options, command: Command) => {
      if (options.model === undefined) refuseUnread(command, ['revision'], { without: '--model' })
      if (options.model !== undefined && /^(\.{0,2}|~)\//.test(options.model) && !existsSync(options.model)) throw modelFolderMissing(options.model)
      const started = performance.now()
      const progress = progressOf({ silent: options.json ?? false, stream: process.stdout })
      const output = outputOf(options)
      const say = (event: string, data: object, text: string): void => (options.json ? output.result({ event, ...data }, () => '') : progress.say(text))
      const seconds = (): number => Math.round((performance.now() - started) / 100) / 10
      const config = resolve(options.config)
      const { models, storage, ...configured } = await readConfiguration(config)
      const runnerUrl = runningRunners(configured, options)
      // Before signals are caught: a transfer is simply ended by one, and goes on from there the next time.
      if (options.model !== undefined) options.model = await findOrPull(options.model, (text) => say('pull', { message: text }, text), revision)
      const stopping = stopOnSignals((again) => say('stopping', {}, again ? 'Ending everything now.' : 'Stopping …'))

      try {
        const state = stateFolder({ ...options, config }, storage)
        const launched = await launch(
          {
            ...options,
            ...(options.model !== undefined && existsSync(options.model) ? { model: resolve(options.model) } : {}),
            serves: options.model === undefined ? firstModel({ models }, config) : existsSync(options.model) ? resolve(options.model) : options.model,
            config,
            state,
            ...(runnerUrl === undefined ? {} : { runnerUrl }),
          },
          {
            onLine: (line) => say('log', { line }, line),
            onGivenUp: () => {},
            onRestart: (name, how, delayMs) => say('restart', { name, how, delay_ms: delayMs }, `The ${name} ended (${how}) and is started again.`),
          },
        )
        stopping.onForce(() => launched.kill())
        try {
          const { url, key, keyFile } = launched
          say(
            'ready',
            { url, console: `${url}/console`, key_file: keyFile, seconds: seconds() },
            `Weft answers at ${url} after ${seconds()} s. Ctrl-C stops it.\nThe console is at ${url}/console.\nIts key is ${key} (in ${keyFile}).${toldToCommands(url, state)}`,
          )
          if (runnerUrl === undefined && options.model === undefined && Object.values(models).some(({ path }) => path === BUNDLED))
            say('model_hint', { command: SERVE_ANSWERS }, `It serves the small bundled model, which knows no facts. For one that answers: ${SERVE_ANSWERS}`)
          await serve(launched, options, stopping.signal, say, progress)
        } finally {
          progress.stop()
          await launched.stop()
        }
      } finally {
        stopping.dispose()
      }
    })

const BUNDLED = '@weft/base-model'

type Say = (event: string, data: object, text: string) => void

/** Waits for the runner, runs the demo, and stays until it is told to stop. */
const serve = async (launched: Launched, options: Options, signal: AbortSignal, say: Say, progress: ReturnType<typeof progressOf>): Promise<void> => {
  const ended = new Promise<void>((resolve) => (signal.aborted ? resolve() : signal.addEventListener('abort', () => resolve())))
  const health = await launched.runnerReady(signal)
  const runner = health && runnerOf(health)
  if (runner) {
    const { device, models, failures = [] } = runner
    for (const { name, message } of failures) say('model_failed', { name, message }, `The model "${name}" was not loaded: ${message}`)
    say(
      'runner',
      { device, models: models.map(({ name }) => name) },
      `The runner serves ${models.map(({ name }) => name).join(', ')} on the ${device.name} (${device.reason.split('. ')[0]}).`,
    )
    const { url, key, keyFile } = launched
    const demo: DemoOptions = { weft: clientOf({ url, key }), url, keyFile, say, progress, signal, json: options.json ?? false }
    try {
      if (models[0] && options.demo !== false) await runShipped(demo, models[0].fingerprint)
      if (options.demo ?? options.model === undefined) await runDemo(demo)
      else if (models[0] && options.model === undefined) await tellMissing(demo)
    } catch (error) {
      if (!signal.aborted) say('demo_failed', { message: (error as Error).message }, `The demo stopped: ${(error as Error).message}\nThe servers go on.`)
    }
  }
  await Promise.race([ended, launched.givenUp])
}

/** The first signal asks; a second one, more than a moment later, insists. (npm passes the terminal's signal on, so it may come twice.) */
const stopOnSignals = (tell: (again: boolean) => void) => {
  const controller = new AbortController()
  let first = 0
  let force = (): void => process.exit(1)
  const onSignal = (): void => {
    const now = performance.now()
    if (!controller.signal.aborted) {
      first = now
      tell(false)
      controller.abort()
    } else if (now - first > 1000) {
      tell(true)
      force()
      process.exit(1)
    }
  }
  const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const
  for (const name of signals) process.on(name, onSignal)
  return {
    signal: controller.signal,
    onForce(action: () => void): void {
      force = action
    },
    dispose(): void {
      for (const name of signals) process.off(name, onSignal)
    },
  }
}
