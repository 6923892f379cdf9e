import type { WeftConfig } from '@weft/protocol'
import type { Container } from 'inversify'
import configuration from 'weft.config'
import type { BatchSupervisors } from './batches/batch-needs.ts'
import { durableBatchDispatcher } from './batches/cloudflare/durable-batch-dispatcher.ts'
import { compositionRoot } from './composition-root.ts'
import { bindVariables } from './composition-root-variables.ts'
import { checkedConfiguration } from './deployment/configuration.ts'
import type { Environment } from './environment.ts'
import { nowSeconds } from './identifiers.ts'
import { durableJobDispatcher } from './jobs/cloudflare/durable-job-dispatcher.ts'
import type { Supervisors } from './jobs/supervision.ts'
import { durableLimiter } from './limits/cloudflare/durable-limiter.ts'
import { analyticsEngine } from './observed/analytics-engine.ts'
import { logRequest } from './observed/request-seen.ts'
import { cloudflareStores } from './stores/cloudflare/cloudflare-stores.ts'
import { d1Database } from './stores/cloudflare/d1-database.ts'
import { sqlAllBatches } from './stores/sql/sql-batches.ts'
import { sqlAllJobs } from './stores/sql/sql-jobs.ts'
import { sweepResponses } from './stores/sql/sql-responses.ts'
import { sqlAllUsage } from './stores/sql/sql-usage.ts'
import { checkDatabase } from './stores/sql/sqlite-check.ts'
import { sqlAllKeys } from './stores/sql/tenants/sql-keys.ts'
import { tokens } from './tokens.ts'

/** The edge on Cloudflare: stores in R2, D1 and KV, a queue, and a Durable Object per job. */
export function cloudflareRoot(env: Environment, config: WeftConfig = configuration): Container {
  const container = compositionRoot(checkedConfiguration(config))
  const value: <T>(token: Parameters<typeof container.bind<T>>[0], constant: T) => void = (token, constant) =>
    void container.bind(token).toConstantValue(constant)

  bindVariables(container, env, config)
  const database = d1Database(env.DB, { local: container.get(tokens.isLocal) })
  value(tokens.allKeys, sqlAllKeys(database))
  value(tokens.consoleFiles, env.ASSETS && ((request) => env.ASSETS!.fetch(request)))

  value(tokens.openStored, cloudflareStores(env, database, nowSeconds))
  value(tokens.allJobs, sqlAllJobs(database))
  value(tokens.allBatches, sqlAllBatches(database))
  value(tokens.sweepResponses, () => sweepResponses(database, nowSeconds()))
  value(tokens.allUsage, sqlAllUsage(database))
  value(tokens.limiter, durableLimiter(env.TENANT_LIMITS))

  // Of the thousand that D1 takes of one invocation; the others find out what is used.
  value(tokens.mostQuestions, 600)
  value(tokens.localProcesses, undefined)
  value(tokens.sendToExecutor, (url, init) => fetch(url, init))
  value(tokens.checkDatabase, (what) => checkDatabase(database, what))

  value(tokens.dispatcher, durableJobDispatcher(env.TRAINING_JOB))
  value(tokens.sendJob, (job) => env.TRAINING.send({ job }))
  value(tokens.batchDispatcher, durableBatchDispatcher(env.BATCH))
  value(tokens.sendBatch, (batch) => env.BATCHES.send({ batch }))
  const sees = [...(env.LOG_REQUESTS === 'off' ? [] : [logRequest]), ...(env.METRICS ? [analyticsEngine(env.METRICS)] : [])]
  value(tokens.see, (seen) => {
    for (const see of sees) see(seen)
  })
  return container
}

const containers = new WeakMap<Environment, Container>()

/** The isolate's container for these bindings; Worker and Durable Objects share it. */
export function containerOf(env: Environment): Container {
  let container = containers.get(env)
  if (!container) containers.set(env, (container = cloudflareRoot(env)))
  return container
}

export const batchSupervisorsOf = (env: Environment): BatchSupervisors => containerOf(env).get(tokens.batchSupervisors)

export const supervisorsOf = (env: Environment): Supervisors => {
  const container = containerOf(env)
  return { supervise: container.get(tokens.supervise), jobs: container.get(tokens.allJobs) }
}
