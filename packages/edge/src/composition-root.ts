import 'reflect-metadata/lite'
import { PluginRegistry } from '@weft/methods'
import type { RouteObject, WeftConfig } from '@weft/protocol'
import { Container, type ServiceIdentifier } from 'inversify'
import configuration from 'weft.config'
import { createApp } from './app.ts'
import { admitEveryone, admitLoopback } from './auth/admit.ts'
import { authenticateByKey } from './auth/authenticate.ts'
import type { Environment } from './environment.ts'
import { nowSeconds } from './identifiers.ts'
import { createJob } from './jobs/create-job.ts'
import type { Supervision } from './jobs/supervision.ts'
import { durableSupervisors, type Supervisors } from './jobs/supervisors.ts'
import { takeUp } from './jobs/take-up.ts'
import { adapterCache, type LoadAdapter } from './resolve/adapter-cache.ts'
import { hashFirst } from './resolve/hash-first.ts'
import { modelCatalog } from './resolve/model-catalog.ts'
import { type ComposeModel, composeModel, packModel } from './resolve/pack-model.ts'
import { resolveModel } from './resolve/resolve-model.ts'
import { adaptersRoute } from './routes/adapters.ts'
import { calibrationsRoute } from './routes/calibrations.ts'
import { chatCompletionsRoute } from './routes/chat-completions.ts'
import { classifyRoute } from './routes/classify.ts'
import { completionsRoute } from './routes/completions.ts'
import { embeddingsRoute } from './routes/embeddings.ts'
import { explainRoute } from './routes/explain.ts'
import { filesRoute } from './routes/files.ts'
import { fineTuningJobsRoute } from './routes/fine-tuning-jobs.ts'
import { healthRoute } from './routes/health.ts'
import { modelsRoute } from './routes/models.ts'
import { routesRoute } from './routes/routes.ts'
import { scoreRoute } from './routes/score.ts'
import { welcomeRoute } from './routes/welcome.ts'
import { httpRunner } from './runner/http-runner.ts'
import type { Runner } from './runner/runner.ts'
import { httpTransport } from './runner/transport.ts'
import type { AdapterBlobs } from './stores/adapter-blobs.ts'
import { d1AdapterNames } from './stores/cloudflare/d1-adapter-names.ts'
import { d1Calibrations } from './stores/cloudflare/d1-calibrations.ts'
import { d1Jobs } from './stores/cloudflare/d1-jobs.ts'
import { d1Routes } from './stores/cloudflare/d1-routes.ts'
import { kvRoutesCopy } from './stores/cloudflare/kv-routes-copy.ts'
import { r2AdapterBlobs } from './stores/cloudflare/r2-adapter-blobs.ts'
import { r2Checkpoints } from './stores/cloudflare/r2-checkpoints.ts'
import { r2TrainingFiles } from './stores/cloudflare/r2-training-files.ts'
import { configuredRoutes } from './stores/configured-routes.ts'
import type { Jobs } from './stores/jobs.ts'
import { tokens } from './tokens.ts'

/** The edge's one composition root: every store, queue, engine and plugin list is bound here and nowhere else. */
export function compositionRoot(env: Environment, config: WeftConfig = configuration): Container {
  const container = new Container({ defaultScope: 'Singleton' })
  const value = <T>(token: ServiceIdentifier<T>, constant: T) => container.bind(token).toConstantValue(constant)
  /** Binds what `make` returns, given what `needs` names. */
  const provide = <T, N extends object>(token: ServiceIdentifier<T>, make: (needs: N) => T, needs: { [K in keyof N]: ServiceIdentifier<N[K]> }) => {
    const names = Object.keys(needs) as (keyof N)[]
    container
      .bind(token)
      .toResolvedValue(
        (...resolved: unknown[]) => make(Object.fromEntries(names.map((name, at) => [name, resolved[at]])) as N),
        names.map((name) => needs[name]) as never,
      )
  }
  const { catalog, names, blobs, files, jobs, checkpoints, routes, runner, now, maxFileBytes } = tokens
  const { resolve, load, compose, pack, create, supervisors } = tokens

  value(tokens.environment, env)
  value(tokens.config, config)
  value(now, nowSeconds)
  value(maxFileBytes, Number(env.MAX_FILE_BYTES))
  value(supervisors, durableSupervisors(env.TRAINING_JOB))
  value(tokens.plugins, new PluginRegistry(config.plugins))
  const localKeys = env.LOCAL_KEY?.split(/\s+/).filter(Boolean) ?? []
  value(tokens.admit, localKeys.length > 0 && !env.API_KEY_SHA256 ? admitLoopback : admitEveryone)
  value(tokens.authenticate, authenticateByKey({ apiKeySha256: env.API_KEY_SHA256, localKeys }))

  value(blobs, r2AdapterBlobs(env.ADAPTERS))
  value(names, d1AdapterNames(env.DB, nowSeconds))
  value(files, r2TrainingFiles(env.FILES, env.DB))
  value(jobs, d1Jobs(env.DB))
  value(tokens.calibrations, d1Calibrations(env.DB))
  value(checkpoints, r2Checkpoints(env.CHECKPOINTS))
  value(routes, configuredRoutes(routesOf(config), kvRoutesCopy(env.ROUTES, d1Routes(env.DB))))
  value(runner, httpRunner(httpTransport({ url: env.RUNNER_URL, token: env.RUNNER_TOKEN, timeoutMs: Number(env.RUNNER_TIMEOUT_MS) })))

  provide(catalog, (needs: { runner: Runner }) => modelCatalog(needs.runner), { runner })
  provide(load, (needs: { blobs: AdapterBlobs }) => adapterCache(needs.blobs), { blobs })
  provide(resolve, (needs: Omit<Parameters<typeof resolveModel>[0], 'sampling'>) => resolveModel({ ...needs, sampling: config.defaults?.sampling ?? {} }), {
    catalog,
    routes,
    names,
  })
  // One file fits into an isolate's memory, so a composition of that size does.
  provide(compose, (needs: { load: LoadAdapter; maxFileBytes: number }) => composeModel(needs.load, needs.maxFileBytes), { load, maxFileBytes })
  provide(pack, (needs: { compose: ComposeModel }) => packModel(needs.compose), { compose })
  provide(tokens.hashFirst, hashFirst, { runner, pack })
  provide(tokens.takeUp, (needs: { jobs: Jobs; supervisors: Supervisors }) => takeUp(needs.jobs, env.TRAINING, needs.supervisors), { jobs, supervisors })
  provide(tokens.supervision, (needs: Supervision) => needs, { runner, catalog, jobs, files, blobs, names, plugins: tokens.plugins, checkpoints, now })
  provide(
    create,
    (needs: Omit<Parameters<typeof createJob>[0], 'configuredModels' | 'hyperparameters'>) =>
      createJob({ ...needs, configuredModels: Object.keys(config.models), hyperparameters: config.defaults?.hyperparameters ?? {} }),
    { plugins: tokens.plugins, files, names, catalog, maxAdapterBytes: maxFileBytes },
  )

  const generation = { resolve, hashFirst: tokens.hashFirst, runner }
  provide(tokens.endpoint, healthRoute, { runner, takeUp: tokens.takeUp })
  provide(tokens.endpoint, modelsRoute, { catalog, routes, names })
  provide(tokens.endpoint, chatCompletionsRoute, generation)
  provide(tokens.endpoint, completionsRoute, generation)
  provide(tokens.endpoint, classifyRoute, { ...generation, calibrations: tokens.calibrations })
  provide(tokens.endpoint, calibrationsRoute, { ...generation, calibrations: tokens.calibrations })
  provide(tokens.endpoint, scoreRoute, generation)
  provide(tokens.endpoint, embeddingsRoute, generation)
  provide(tokens.endpoint, filesRoute, { files, maxFileBytes })
  provide(tokens.endpoint, fineTuningJobsRoute, { jobs, files, names, create, takeUp: tokens.takeUp, supervisors })
  provide(tokens.endpoint, adaptersRoute, { names, blobs, plugins: tokens.plugins, catalog, maxFileBytes })
  provide(tokens.endpoint, routesRoute, { routes, names, catalog })
  provide(tokens.endpoint, explainRoute, { resolve, compose })
  provide(tokens.endpoint, welcomeRoute, { environment: tokens.environment })
  container.bind(tokens.app).toResolvedValue(createApp, [tokens.admit, tokens.authenticate, { isMultiple: true, serviceIdentifier: tokens.endpoint }])
  return container
}

const routesOf = ({ routes = {} }: WeftConfig): Map<string, RouteObject> =>
  new Map(Object.entries(routes).map(([name, route]) => [name, { id: name, object: 'route', name, ...route, updatedAt: 0 }]))

const containers = new WeakMap<Environment, Container>()

/** The isolate's container for these bindings; Worker and Durable Objects share it. */
export function containerOf(env: Environment): Container {
  let container = containers.get(env)
  if (!container) containers.set(env, (container = compositionRoot(env)))
  return container
}

export const supervisionOf = (env: Environment): Supervision => containerOf(env).get(tokens.supervision)
