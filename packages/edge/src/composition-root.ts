import 'reflect-metadata/lite'
import { PluginRegistry } from '@weft/methods'
import type { WeftConfig } from '@weft/protocol'
import { Container, type ServiceIdentifier } from 'inversify'
import { type Signatures, signatures } from './adapters/signatures.ts'
import { createApp } from './app.ts'
import { askModel } from './asking/ask-model.ts'
import { RunnerPlaces } from './asking/runner-places.ts'
import { ShadowCopies } from './asking/shadow-copies.ts'
import { authenticate, createdKeys, type Recognize } from './auth/authenticate.ts'
import { type KnownTenants, knownTenants } from './auth/known-tenants.ts'
import { oidcTokens } from './auth/oidc-tokens.ts'
import { RememberedKeys } from './auth/remembered-keys.ts'
import { chooseOperandsOf } from './auto/choose.ts'
import { probeVectors } from './auto/probe-vectors.ts'
import { answerRequests } from './batches/answer-request.ts'
import type { BatchDispatcher } from './batches/batch-dispatcher.ts'
import type { BatchNeeds, BatchSupervisors } from './batches/batch-needs.ts'
import { createBatch } from './batches/create-batch.ts'
import { policiesOf, routesOf, sharesOf, usesOfConfig } from './configured.ts'
import { openExecutors } from './executors/executors.ts'
import type { Evaluator } from './gate/evaluate.ts'
import { publishGate } from './gate/publish-gate.ts'
import { nowSeconds } from './identifiers.ts'
import { type CreateJob, createJob } from './jobs/create-job.ts'
import { trainersElsewhere } from './jobs/elsewhere/trainers-elsewhere.ts'
import type { JobDispatcher } from './jobs/job-dispatcher.ts'
import { type JobQueue, jobQueue } from './jobs/job-queue.ts'
import type { Supervise, Supervision } from './jobs/supervision.ts'
import { adapterCache, type LoadAdapter } from './resolve/adapter-cache.ts'
import { type ColdRunner, waitForRunner } from './resolve/cold-runner.ts'
import { hashFirst } from './resolve/hash-first.ts'
import { type ModelCatalog, modelCatalog } from './resolve/model-catalog.ts'
import { type ComposeModel, composeModel, packModel } from './resolve/pack-model.ts'
import { resolveModel } from './resolve/resolve-model.ts'
import { adapterAliasesRoute } from './routes/adapters/adapter-aliases.ts'
import { adapterDiffRoute } from './routes/adapters/adapter-diff.ts'
import { adapterGateRoute } from './routes/adapters/adapter-gate.ts'
import { adapterProbesRoute } from './routes/adapters/adapter-probes.ts'
import { adaptersRoute } from './routes/adapters/adapters.ts'
import { calibrationsRoute } from './routes/adapters/calibrations.ts'
import { modelsRoute } from './routes/adapters/models.ts'
import { routeHistoryRoute } from './routes/adapters/route-history.ts'
import { routesRoute } from './routes/adapters/routes.ts'
import { showAdapter } from './routes/adapters/show-adapter.ts'
import { signingKeysRoute } from './routes/adapters/signing-keys.ts'
import { batchesRoute } from './routes/inference/batches.ts'
import { chatCompletionsRoute } from './routes/inference/chat-completions.ts'
import { classifyRoute } from './routes/inference/classify.ts'
import { completionsRoute } from './routes/inference/completions.ts'
import { embeddingsRoute } from './routes/inference/embeddings.ts'
import { explainRoute } from './routes/inference/explain.ts'
import { scoreRoute } from './routes/inference/score.ts'
import { consoleRoute } from './routes/operations/console.ts'
import { garbageCollectionRoute } from './routes/operations/garbage-collection.ts'
import { healthRoute } from './routes/operations/health.ts'
import { metricsRoute } from './routes/operations/metrics.ts'
import { policyRoute } from './routes/operations/policy.ts'
import { runnersRoute } from './routes/operations/runners.ts'
import { usageRoute } from './routes/operations/usage.ts'
import { welcomeRoute } from './routes/operations/welcome.ts'
import { createResponseRoute } from './routes/responses/create-response.ts'
import { storedResponsesRoute } from './routes/responses/stored-responses.ts'
import { auditRoute } from './routes/tenants/audit.ts'
import { keysRoute } from './routes/tenants/keys.ts'
import { sharesRoute } from './routes/tenants/shares.ts'
import { executorsRoute } from './routes/training/executors.ts'
import { filesRoute } from './routes/training/files.ts'
import { fineTuningJobsRoute } from './routes/training/fine-tuning-jobs.ts'
import { methodsRoute } from './routes/training/methods.ts'
import { settlementsRoute } from './routes/training/settlements.ts'
import { trainerRoute } from './routes/training/trainer.ts'
import { monotonicClock } from './runner/hashing/monotonic-clock.ts'
import type { Inference } from './runner/inference.ts'
import type { ModelDirectory } from './runner/model-directory.ts'
import { dnsOverHttps } from './runner/pool/name-resolver.ts'
import { openPool, type PoolNeeds } from './runner/pool/open-pool.ts'
import { pooledCompositions, pooledDirectory, pooledInference } from './runner/pool/pooled-backend.ts'
import type { RunnerPool } from './runner/pool/runner-pool.ts'
import { trainers } from './runner/pool/trainers.ts'
import { createSettlement } from './settle/create-settlement.ts'
import type { AllBatches, AllJobs, OpenStores, TenantStores } from './stores/tenant-stores.ts'
import { audited } from './stores/tenants/audited.ts'
import { configuredPolicies } from './stores/tenants/configured-policies.ts'
import type { AllKeys } from './stores/tenants/keys.ts'
import { openForPrincipal } from './stores/tenants/open-for-principal.ts'
import type { AllUsage } from './stores/usage.ts'
import { tokens } from './tokens.ts'
import { type RecordUsage, usageRecorder } from './usage/usage-recorder.ts'

/**
 * The edge without a host: everything that is the same wherever it runs. A host binds the rest before the first `get`: its stores
 * (`openStored`, `allJobs`, `allKeys`, `allBatches`, `allUsage`, `sweepResponses`), what counts limits (`limiter`), the way to its jobs and batches (`dispatcher`, `sendJob`, `batchDispatcher`, `sendBatch`), the
 * way to runners (`runnerUrls`, `openTransport`), who is let in (`admit`, `origins`, `bootstrapKey`), `checkDatabase`, and its limits (`maxFileBytes`, `waits`,
 * `runnerStartMs`, `batchConcurrency`), what the config's executors need (`secret`, `localProcesses`, `sendToExecutor`).
 */
export function compositionRoot(config: WeftConfig): Container {
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
  const { catalog, openStores, allJobs, inference, now, maxFileBytes, pool } = tokens
  const { resolve, load, compose, pack, create, dispatcher, batchDispatcher, directory, compositions, executors, batchQueue, rememberedKeys } = tokens

  value(tokens.config, config)
  value(now, nowSeconds)
  value(tokens.responseDays, config.responses?.retentionDays ?? 30)
  value(tokens.plugins, new PluginRegistry(config.plugins))

  provide(openStores, ({ stored }: { stored: OpenStores }) => configuredPolicies(stored, policiesOf(config)), { stored: tokens.openStored })
  const configured = { routes: routesOf(config), shares: sharesOf(config) }
  provide(tokens.openForPrincipal, ({ open }: { open: OpenStores }) => openForPrincipal(open, configured), { open: openStores })
  provide(tokens.tenants, ({ keys }: { keys: AllKeys }) => knownTenants(keys, Object.keys(config.tenants ?? {})), { keys: tokens.allKeys })
  provide(rememberedKeys, ({ keys }: { keys: AllKeys }) => new RememberedKeys(keys), { keys: tokens.allKeys })
  provide(
    tokens.authenticate,
    (needs: { bootstrap: Recognize; remembered: RememberedKeys; keys: AllKeys; now: () => number; tenants: KnownTenants }) =>
      authenticate([needs.bootstrap, createdKeys(needs.remembered, needs.keys, needs.now), ...(config.oidc ? [oidcTokens(config.oidc)] : [])], {
        isSuspended: (tenant) => config.tenants?.[tenant]?.suspended === true,
        tenants: needs.tenants,
      }),
    { bootstrap: tokens.bootstrapKey, remembered: rememberedKeys, keys: tokens.allKeys, now, tenants: tokens.tenants },
  )
  provide(tokens.signatures, ({ ownKey }: { ownKey: string | undefined }) => signatures(config.signing ?? {}, ownKey), { ownKey: tokens.signingKey })
  provide(tokens.gate, (needs: Evaluator & { recordUsage: RecordUsage }) => publishGate(config.publish, needs), {
    resolve,
    hashFirst: tokens.hashFirst,
    inference,
    recordUsage: tokens.recordUsage,
  })
  provide(tokens.show, (needs: { signatures: Signatures }) => showAdapter(needs.signatures), { signatures: tokens.signatures })
  const clock = monotonicClock()
  value(tokens.resolveName, dnsOverHttps(config.runners && 'resolver' in config.runners ? config.runners.resolver : undefined))
  provide(pool, (needs: PoolNeeds) => openPool(config, needs, clock), {
    urls: tokens.runnerUrls,
    openTransport: tokens.openTransport,
    resolve: tokens.resolveName,
  })
  provide(inference, (needs: { pool: RunnerPool }) => pooledInference(needs.pool), { pool })
  provide(compositions, (needs: { pool: RunnerPool }) => pooledCompositions(needs.pool), { pool })
  provide(directory, (needs: { pool: RunnerPool }) => pooledDirectory(needs.pool), { pool })
  provide(tokens.trainers, (needs: { pool: RunnerPool }) => trainers(needs.pool, clock), { pool })

  provide(executors, (needs: Parameters<typeof openExecutors>[1]) => openExecutors(config, needs), {
    secret: tokens.secret,
    ...{ processes: tokens.localProcesses, send: tokens.sendToExecutor },
  })

  const configuredModels = Object.keys(config.models)
  provide(catalog, (needs: { directory: ModelDirectory }) => modelCatalog(needs.directory, configuredModels), { directory })
  provide(load, ({ open }: { open: OpenStores }) => adapterCache(open), { open: openStores })
  provide(resolve, (needs: Omit<Parameters<typeof resolveModel>[0], 'sampling'>) => resolveModel({ ...needs, sampling: config.defaults?.sampling ?? {} }), {
    catalog,
    signatures: tokens.signatures,
    choose: tokens.choose,
  })
  provide(tokens.choose, (needs: { inference: Inference }) => chooseOperandsOf(probeVectors(needs.inference)), { inference })
  // One file fits into an isolate's memory, so a composition of that size does.
  provide(compose, (needs: { load: LoadAdapter; maxFileBytes: number }) => composeModel(needs.load, needs.maxFileBytes), { load, maxFileBytes })
  provide(pack, (needs: { compose: ComposeModel }) => packModel(needs.compose), { compose })
  provide(tokens.hashFirst, (needs: Parameters<typeof hashFirst>[0] & ColdRunner) => waitForRunner(hashFirst(needs), needs), {
    compositions,
    inference,
    pack,
    catalog,
    waitMs: tokens.runnerStartMs,
  })
  provide(
    tokens.jobQueue,
    (needs: { jobs: AllJobs; send: (id: string) => Promise<unknown>; dispatcher: JobDispatcher }) => jobQueue(needs.jobs, needs.send, needs.dispatcher),
    { jobs: allJobs, send: tokens.sendJob, dispatcher },
  )
  provide(
    tokens.supervise,
    ({ open, ...shared }: Omit<Supervision, keyof TenantStores | 'publishing'> & { open: OpenStores }): Supervise =>
      (tenant) => ({ ...shared, publishing: config.publish, ...audited(open(tenant), { principal: 'jobs', requestId: null }) }),
    {
      trainers: tokens.trainers,
      executors,
      catalog,
      plugins: tokens.plugins,
      signatures: tokens.signatures,
      gate: tokens.gate,
      now,
      open: openStores,
    },
  )
  provide(
    batchQueue,
    (needs: { batches: AllBatches; send: (id: string) => Promise<unknown>; dispatcher: BatchDispatcher }) =>
      jobQueue(needs.batches, needs.send, needs.dispatcher),
    { batches: tokens.allBatches, send: tokens.sendBatch, dispatcher: batchDispatcher },
  )
  provide(tokens.createBatch, createBatch, { now })
  container
    .bind(tokens.answerRequest)
    .toResolvedValue(answerRequests, [{ isMultiple: true, serviceIdentifier: tokens.batchEndpoint }, tokens.openForPrincipal, tokens.waits])
  provide(
    tokens.batchSupervisors,
    ({ stores, all, ...shared }: Omit<BatchNeeds, keyof TenantStores> & { stores: OpenStores; all: AllBatches }): BatchSupervisors => ({
      needsOf: (tenant) => ({ ...shared, ...audited(stores(tenant), { principal: 'batches', requestId: null }) }),
      batches: all,
    }),
    {
      ...{ catalog, answerRequest: tokens.answerRequest, batchConcurrency: tokens.batchConcurrency, now, stores: openStores, all: tokens.allBatches },
      open: tokens.openForPrincipal,
    },
  )
  const usual = { hyperparameters: config.defaults?.hyperparameters ?? {}, defaultMethod: config.defaults?.method ?? config.plugins[0]?.id ?? '' }
  provide(
    create,
    (needs: Omit<Parameters<typeof createJob>[0], 'configuredModels' | keyof typeof usual>) => createJob({ ...needs, ...usual, configuredModels }),
    { plugins: tokens.plugins, catalog, inference, signatures: tokens.signatures, executors, maxAdapterBytes: maxFileBytes },
  )

  provide(tokens.recordUsage, ({ usage }: { usage: AllUsage }) => usageRecorder(usage), { usage: tokens.allUsage })
  value(tokens.shadows, new ShadowCopies())
  value(tokens.places, new RunnerPlaces())
  provide(tokens.ask, askModel, {
    resolve,
    hashFirst: tokens.hashFirst,
    limiter: tokens.limiter,
    places: tokens.places,
    recordUsage: tokens.recordUsage,
    shadows: tokens.shadows,
  })
  const generation = { ask: tokens.ask, inference }
  provide(tokens.endpoint, garbageCollectionRoute(usesOfConfig(config)), { now, mostQuestions: tokens.mostQuestions })
  provide(tokens.endpoint, healthRoute, { directory, jobQueue: tokens.jobQueue, batchQueue, checkDatabase: tokens.checkDatabase, isLocal: tokens.isLocal })
  provide(tokens.endpoint, modelsRoute, { catalog, resolve, limiter: tokens.limiter })
  // A batch's requests are answered by what answers clients.
  for (const token of [tokens.endpoint, tokens.batchEndpoint])
    for (const route of [chatCompletionsRoute, completionsRoute, classifyRoute, embeddingsRoute]) provide(token, route, generation)
  provide(tokens.endpoint, createResponseRoute, { ...generation, retentionDays: tokens.responseDays, now })
  provide(tokens.endpoint, storedResponsesRoute, {})
  provide(tokens.endpoint, calibrationsRoute, generation)
  provide(tokens.endpoint, scoreRoute, generation)
  provide(tokens.endpoint, filesRoute, { maxFileBytes })
  provide(tokens.endpoint, batchesRoute, { createBatch: tokens.createBatch, batchQueue, batchDispatcher })
  provide(tokens.endpoint, fineTuningJobsRoute, { create, jobQueue: tokens.jobQueue, dispatcher })
  provide(
    tokens.endpoint,
    (needs: { create: CreateJob; catalog: ModelCatalog; jobQueue: JobQueue; dispatcher: JobDispatcher }) =>
      settlementsRoute({ ...needs, settle: createSettlement(needs) }),
    { create, catalog, jobQueue: tokens.jobQueue, dispatcher },
  )
  provide(tokens.endpoint, (needs: Omit<Parameters<typeof methodsRoute>[0], keyof typeof usual>) => methodsRoute({ ...needs, ...usual }), {
    plugins: tokens.plugins,
    catalog,
  })
  provide(tokens.endpoint, executorsRoute, { executors, plugins: tokens.plugins })
  provide(tokens.trainersElsewhere, trainersElsewhere, { jobs: allJobs, dispatcher, open: openStores, executors, plugins: tokens.plugins, catalog, inference })
  provide(tokens.endpoint, trainerRoute, { trainers: tokens.trainersElsewhere, maxFileBytes })
  container.bind(tokens.endpoint).toResolvedValue(adapterAliasesRoute)
  container.bind(tokens.endpoint).toResolvedValue(adapterDiffRoute)
  provide(tokens.endpoint, adapterGateRoute, { gate: tokens.gate, show: tokens.show })
  provide(tokens.endpoint, signingKeysRoute, { signatures: tokens.signatures })
  provide(tokens.endpoint, adapterProbesRoute, {})
  provide(tokens.endpoint, adaptersRoute, {
    plugins: tokens.plugins,
    catalog,
    signatures: tokens.signatures,
    gate: tokens.gate,
    show: tokens.show,
    now,
    maxFileBytes,
  })
  provide(tokens.endpoint, routeHistoryRoute, { catalog })
  provide(tokens.endpoint, routesRoute, { catalog })
  provide(tokens.endpoint, policyRoute, {})
  provide(tokens.endpoint, metricsRoute, { pool })
  provide(tokens.endpoint, runnersRoute, { pool })
  provide(tokens.endpoint, usageRoute, {})
  provide(tokens.endpoint, keysRoute, { open: tokens.openForPrincipal, tenants: tokens.tenants, rememberedKeys, dispatcher, batchDispatcher })
  provide(tokens.endpoint, auditRoute, {})
  provide(tokens.endpoint, sharesRoute, { tenants: tokens.tenants })
  provide(tokens.endpoint, explainRoute, { resolve, compose, inference, limiter: tokens.limiter })
  provide(tokens.endpoint, welcomeRoute, { localKeyFile: tokens.localKeyFile, consoleFiles: tokens.consoleFiles })
  provide(tokens.endpoint, consoleRoute, { consoleFiles: tokens.consoleFiles })
  container
    .bind(tokens.app)
    .toResolvedValue(createApp, [
      tokens.admit,
      tokens.origins,
      tokens.authenticate,
      tokens.openForPrincipal,
      tokens.waits,
      tokens.see,
      { isMultiple: true, serviceIdentifier: tokens.endpoint },
    ])
  return container
}
