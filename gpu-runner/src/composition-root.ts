import { CompositionStore } from '@weft/inference/compositions/composition-store'
import { chooseDevice, type DeviceChoice, findCudaCards } from '@weft/inference/device'
import { Models } from '@weft/inference/models'
import { createPrefixCache, type PrefixCache } from '@weft/inference/prefix-cache/prefix-cache'
import { openRuntime, type Runtime } from '@weft/ort'
import { Container, type ServiceIdentifier } from 'inversify'
import { type Logger, pino } from 'pino'
import type { RunnerConfig } from './config.ts'
import { JobQueue, type RunJobs } from './jobs/queue.ts'
import { trainingOn } from './jobs/run-training.ts'
import { RunnerMetrics } from './metrics/runner-metrics.ts'
import { Places } from './routes/places.ts'
import { createServer } from './server.ts'

const token = <T>(name: string) => Symbol.for(`gpu-runner/${name}`) as ServiceIdentifier<T>

/** What the runner is put together from. Rebind one before the first `get` to replace it; no code changes. */
export const tokens = {
  config: token<RunnerConfig>('config'),
  logger: token<Logger>('logger'),
  runtime: token<Runtime>('runtime'),
  device: token<DeviceChoice>('device'),
  fixedPrefixes: token<PrefixCache>('fixed-prefixes'),
  models: token<Models>('models'),
  compositions: token<CompositionStore>('compositions'),
  runJobs: token<RunJobs>('run-jobs'),
  jobs: token<JobQueue>('jobs'),
  /** For requests in hands. */
  places: token<Places>('places'),
  /** Hears what inference does. */
  metrics: token<RunnerMetrics>('metrics'),
  stopping: token<AbortController>('stopping'),
  server: token<ReturnType<typeof createServer>>('server'),
}

/** The one place where the runner's parts are chosen and tied together. */
export function compositionRoot(config: RunnerConfig): Container {
  const container = new Container({ defaultScope: 'Singleton' })
  const t = tokens
  container.bind(t.config).toConstantValue(config)
  container.bind(t.stopping).toConstantValue(new AbortController())
  // JSON lines to standard error, written at once: standard output stays free for whoever starts the process.
  container
    .bind(t.logger)
    .toResolvedValue(({ logLevel }: RunnerConfig) => pino({ name: 'gpu-runner', level: logLevel }, pino.destination({ dest: 2, sync: true })), [t.config])
  container
    .bind(t.runtime)
    .toResolvedValue(
      (logger: Logger) => openRuntime({ onLeak: (kind) => logger.warn({ kind }, 'a native object was collected without having been disposed of') }),
      [t.logger],
    )
  container
    .bind(t.device)
    .toResolvedValue(
      ({ device }: RunnerConfig, runtime: Runtime) => chooseDevice(device, { providers: runtime.availableDevices(), cudaCards: findCudaCards() }),
      [t.config, t.runtime],
    )
  container.bind(t.fixedPrefixes).toResolvedValue(({ snapshotBytes }: RunnerConfig) => createPrefixCache(snapshotBytes), [t.config])
  container.bind(t.metrics).toConstantValue(new RunnerMetrics())
  container
    .bind(t.compositions)
    .toResolvedValue(({ compositionBytes }: RunnerConfig, metrics: RunnerMetrics) => new CompositionStore(compositionBytes, metrics), [t.config, t.metrics])
  container.bind(t.models).toResolvedValue(
    (config: RunnerConfig, runtime: Runtime, { name: device }: DeviceChoice, fixed: PrefixCache, logger: Logger, metrics: RunnerMetrics) => {
      const { models: sources, stateDir, threads, maxBatch, maxWaiting, maxWaitingTokens, prefillChunk, compositionBytes } = config
      return new Models({
        sources,
        runtime,
        device,
        fixed,
        logger,
        metrics,
        threads,
        maxBatch,
        maxWaiting,
        maxWaitingTokens,
        prefillChunk,
        compositionBytes,
        ...(stateDir && { stateDir }),
      })
    },
    [t.config, t.runtime, t.device, t.fixedPrefixes, t.logger, t.metrics],
  )
  container
    .bind(t.runJobs)
    .toResolvedValue(
      ({ plugins, trainingThreads: threads }: RunnerConfig, models: Models, runtime: Runtime, { name: device }: DeviceChoice) =>
        trainingOn({ models, runtime, device, threads, plugins }),
      [t.config, t.models, t.runtime, t.device],
    )
  container
    .bind(t.jobs)
    .toResolvedValue(
      (run: RunJobs, logger: Logger, models: Models) => new JobQueue(run, logger, { ready: () => models.load() }),
      [t.runJobs, t.logger, t.models],
    )
  container
    .bind(t.places)
    .toResolvedValue(({ models, maxBatch, maxWaiting }: RunnerConfig) => new Places((maxBatch + maxWaiting) * Object.keys(models).length), [t.config])
  container.bind(t.server).toResolvedValue(
    (
      config: RunnerConfig,
      device: DeviceChoice,
      models: Models,
      compositions: CompositionStore,
      jobs: JobQueue,
      places: Places,
      logger: Logger,
      stopping: AbortController,
      metrics: RunnerMetrics,
      fixed: PrefixCache,
    ) => {
      metrics.watch({ models, compositions, fixed, jobs, maxBatch: config.maxBatch })
      return createServer({ config, device, models, compositions, jobs, places, metrics, logger, stopping: stopping.signal })
    },
    [t.config, t.device, t.models, t.compositions, t.jobs, t.places, t.logger, t.stopping, t.metrics, t.fixedPrefixes],
  )
  return container
}
