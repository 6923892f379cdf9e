import { existsSync } from 'node:fs'
import { availableParallelism } from 'node:os'
import { dirname, resolve } from 'node:path'
import { parseArgs } from 'node:util'
import { issuesText, isWeftError } from '@weft/adapters'
import type { Plugin } from '@weft/methods'
import { precisions } from '@weft/model'
import { defineConfig, type WeftConfig } from '@weft/protocol'
import { z } from 'zod'
import { invalidConfig } from './errors.ts'
import { importModule } from './import-module.ts'

const MB = 1024 * 1024
const count = z.coerce.number().int().positive()

const schema = z.object({
  /** Folder or hub id of every base model, by the name that requests use. */
  models: z
    .record(z.string().min(1), z.object({ source: z.string().min(1), revision: z.string().optional(), precision: z.enum(precisions).optional() }))
    .refine((models) => Object.keys(models).length > 0, 'at least one model is needed: --model DIR'),
  host: z.string().default('127.0.0.1'),
  /** 0 takes a free port; the log says which. */
  port: z.coerce.number().int().min(0).max(65535).default(8790),
  device: z.enum(['auto', 'cuda', 'webgpu', 'cpu']).default('auto'),
  token: z.string().min(1).optional(),
  /** Threads of one inference step. Half of the cores, so that a training step and an answer can go on at once. */
  threads: count.default(Math.max(1, Math.floor(availableParallelism() / 2))),
  trainingThreads: count.default(availableParallelism()),
  /** Rows decoded in one step. */
  maxBatch: count.default(8),
  /** Requests of all kinds that may wait while `maxBatch` are answered; a tenant has half of them at most. */
  maxWaiting: count.default(2048),
  /** Tokens of their prompts together. */
  maxWaitingTokens: count.default(1_000_000),
  /** Tokens of one step, of prompts and of rows that decode: nobody who answers waits longer than this takes. */
  prefillChunk: count.default(256),
  /** Folder for what may be kept between starts: fingerprints and hub downloads. */
  stateDir: z.string().optional(),
  compositionBytes: count.default(512 * MB),
  snapshotBytes: count.default(1024 * MB),
  /** Largest training upload. */
  uploadBytes: count.default(512 * MB),
  /** How long requests and jobs under way may take once the process was asked to end, in seconds. */
  shutdownTimeout: z.coerce.number().min(0).max(86_400).default(5),
  logLevel: z.enum(['silent', 'fatal', 'error', 'warn', 'info', 'debug', 'trace']).default('info'),
})

export type RunnerConfig = z.infer<typeof schema> & { plugins: readonly Plugin[] }

/** What this process reads of `weft.config.ts`; the rest is the edge's. */
type ConfigFile = Partial<Pick<WeftConfig, 'models' | 'plugins' | 'runner' | 'storage'>>

const USAGE = `Usage: gpu-runner [--model [name=]DIR_OR_HUB_ID]… [--config weft.config.ts] [--host HOST] [--port PORT]
                  [--device auto|cuda|webgpu|cpu] [--threads N] [--training-threads N] [--max-batch N] [--max-waiting N] [--state-dir DIR]
                  [--precision float32|float16|bfloat16|int8|int4] [--shutdown-timeout SECONDS]
Environment: WEFT_RUNNER_TOKEN, WEFT_LOG_LEVEL, WEFT_COMPOSITION_BYTES, WEFT_SNAPSHOT_BYTES, WEFT_ORT_LIBRARY`

/**
 * Arguments win over the environment, the environment over `weft.config.ts`. A `--model` without a name serves as `base`.
 * @param plugins taken where the config file names none
 * @throws WeftError `invalid_config`
 */
export async function readRunnerConfig(argv: string[], env: NodeJS.ProcessEnv, plugins: readonly Plugin[] = []): Promise<RunnerConfig | { help: string }> {
  const args = parse(argv)
  if (args.help) return { help: USAGE }
  const path = args.config === undefined ? undefined : resolve(args.config)
  const file = path === undefined ? {} : await load(path)
  const said = args.model?.length ? Object.fromEntries(args.model.map(named)) : modelsOf(file, dirname(path ?? '.'))
  const { precision } = args
  const models = precision === undefined ? said : Object.fromEntries(Object.entries(said).map(([name, model]) => [name, { ...model, precision }]))
  const given = (values: Record<string, unknown>) => Object.fromEntries(Object.entries(values).filter(([, value]) => value !== undefined && value !== ''))
  // What is said of vLLM is not said of this runner.
  const own = file.runner?.kind === 'vllm' ? undefined : file.runner
  const parsed = schema.safeParse({
    ...given({ device: own?.device, threads: own?.threads, maxBatch: own?.slots, maxWaiting: own?.waiting }),
    ...given({
      token: env.WEFT_RUNNER_TOKEN,
      logLevel: env.WEFT_LOG_LEVEL,
      compositionBytes: env.WEFT_COMPOSITION_BYTES,
      snapshotBytes: env.WEFT_SNAPSHOT_BYTES,
    }),
    ...given({
      host: args.host,
      port: args.port,
      device: args.device,
      stateDir: args['state-dir'],
      threads: args.threads,
      trainingThreads: args['training-threads'],
      maxBatch: args['max-batch'],
      maxWaiting: args['max-waiting'],
      shutdownTimeout: args['shutdown-timeout'],
    }),
    models,
  })
  if (!parsed.success) throw invalidConfig(issuesText(parsed.error.issues))
  return { ...parsed.data, plugins: file.plugins ?? plugins }
}

function parse(argv: string[]) {
  const string = { type: 'string' } as const
  try {
    return parseArgs({
      args: argv,
      options: {
        model: { type: 'string', multiple: true },
        config: string,
        host: string,
        port: string,
        device: string,
        threads: string,
        'training-threads': string,
        'state-dir': string,
        'max-batch': string,
        'max-waiting': string,
        precision: string,
        'shutdown-timeout': string,
        help: { type: 'boolean', short: 'h' },
      },
    }).values
  } catch (cause) {
    throw invalidConfig(`${(cause as Error).message}\n${USAGE}`)
  }
}

/** `name=path`; a path that has an equals sign of its own needs a name in front. */
function named(argument: string): [string, { source: string }] {
  const at = argument.indexOf('=')
  return at < 0 ? ['base', { source: argument }] : [argument.slice(0, at), { source: argument.slice(at + 1) }]
}

/** A path is relative to the config file; what is no folder there is a package's name. */
function modelsOf({ models = {} }: ConfigFile, folder: string): Record<string, { source: string; revision?: string; precision?: string }> {
  return Object.fromEntries(
    Object.entries(models).map(([name, { path, hub, revision, precision }]) => {
      if (path === undefined && hub === undefined) throw invalidConfig(`the model "${name}" has neither "path" nor "hub"; one of them says where it is`)
      const here = path === undefined ? '' : resolve(folder, path)
      return [name, { source: path === undefined ? hub! : existsSync(here) ? here : path, ...(revision && { revision }), ...(precision && { precision }) }]
    }),
  )
}

/** What the file exports is checked as `defineConfig` does, which a plain object has not met yet. Its own plugins may be left out. */
async function load(path: string): Promise<ConfigFile> {
  const module = (await importModule(path, (cause) => {
    process.stderr.write(`${unreadable(path, cause).message}\n`)
    process.exitCode = 2
  }).catch((cause: unknown) => {
    throw unreadable(path, cause)
  })) as { default?: ConfigFile }
  if (typeof module.default !== 'object' || module.default === null) throw invalidConfig(`${path} has no default export; expected the configuration object`)
  try {
    defineConfig({ models: {}, plugins: [], ...module.default })
  } catch (cause) {
    throw invalidConfig(`${path}: ${(cause as Error).message}`)
  }
  return module.default
}

const unreadable = (path: string, cause: unknown) =>
  invalidConfig(isWeftError(cause) ? `${path}: ${cause.message}` : `${path} could not be loaded: ${(cause as Error | null)?.message ?? cause}`)
