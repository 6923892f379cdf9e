import type { CompositionStore } from '@weft/inference/compositions/composition-store'
import type { DeviceChoice } from '@weft/inference/device'
import type { Models } from '@weft/inference/models'
import { Hono } from 'hono'
import { requestId } from 'hono/request-id'
import type { Logger } from 'pino'
import type { RunnerConfig } from './config.ts'
import { routeNotFound } from './errors.ts'
import type { JobQueue } from './jobs/queue.ts'
import type { RunnerMetrics } from './metrics/runner-metrics.ts'
import { bearerAuth } from './routes/auth.ts'
import { classifyRoutes } from './routes/classify.ts'
import { compositionRoutes } from './routes/compositions.ts'
import { embedRoutes } from './routes/embed.ts'
import { generateRoutes } from './routes/generate.ts'
import { healthRoutes } from './routes/health.ts'
import { jobRoutes } from './routes/jobs.ts'
import { metricsRoutes } from './routes/metrics.ts'
import { onError } from './routes/on-error.ts'
import { type Places, takingPlace } from './routes/places.ts'
import { probeRoutes } from './routes/probes.ts'
import { type RequestEnv, requestSignal } from './routes/request-signal.ts'
import { scoreRoutes } from './routes/score.ts'
import { refusedWhenStopping } from './routes/stopping.ts'
import { watched } from './routes/watched.ts'

export interface ServerParts {
  config: Pick<RunnerConfig, 'token' | 'compositionBytes' | 'uploadBytes'>
  device: DeviceChoice
  models: Models
  compositions: CompositionStore
  jobs: JobQueue
  places: Places
  metrics: RunnerMetrics
  logger: Logger
  /** Aborts when the process begins to end. */
  stopping: AbortSignal
}

/** The runner's HTTP interface; see docs/contracts/edge-runner.md. */
export function createServer({ config, device, models, compositions, jobs, places, metrics, logger, stopping }: ServerParts) {
  const app = new Hono<RequestEnv>()
  app.onError(onError(logger))
  app.notFound((c) => {
    throw routeNotFound(c.req.method, c.req.path)
  })
  app.use(requestId())
  app.route('/', probeRoutes(models, stopping))
  app.use(bearerAuth(config.token))
  app.use(requestSignal)
  const refused = refusedWhenStopping(stopping)
  for (const path of ['/generate', '/classify', '/score', '/embed']) app.use(path, watched(metrics, logger), refused, takingPlace(places))
  app.on('PUT', '/compositions/:key', refused)
  app.on('POST', '/jobs/:id', refused)
  app.route('/', metricsRoutes(metrics))
  app.route('/', healthRoutes(models, device, jobs, stopping))
  app.route('/', compositionRoutes(compositions, models, config.compositionBytes))
  app.route('/', generateRoutes(models, compositions, logger))
  app.route('/', classifyRoutes(models, compositions))
  app.route('/', scoreRoutes(models, compositions))
  app.route('/', embedRoutes(models, compositions))
  app.route('/', jobRoutes(jobs, config.uploadBytes))
  return app
}
