import {
  bindVariables,
  type ConsoleFiles,
  checkedConfiguration,
  compositionRoot,
  type DeploymentVariables,
  logRequest,
  nowSeconds,
  type ObjectStorages,
  sqlAllBatches,
  sqlAllJobs,
  sqlAllKeys,
  sqlAllUsage,
  sqlStores,
  sweepResponses,
  tokens,
} from '@weft/edge/host'
import type { WeftConfig } from '@weft/protocol'
import type { Container, ServiceIdentifier } from 'inversify'
import type { OwnDatabase } from './database/own-database.ts'
import { localProcesses } from './executors/local-processes.ts'
import { batchHosts } from './hosted/batch-hosts.ts'
import { jobHosts } from './hosted/job-hosts.ts'
import { plainSend } from './http/plain-send.ts'
import { databaseLimiter } from './limits/database-limiter.ts'
import type { EdgeMetrics } from './metrics/edge-metrics.ts'
import { resolveName } from './resolve-name.ts'

export interface NodeParts {
  database: OwnDatabase
  objects: ObjectStorages
  variables: DeploymentVariables
  consoleFiles?: ConsoleFiles | undefined
  metrics?: EdgeMetrics | undefined
  /** What secrets that the config names are read from, and what a trainer beside the edge gets its part of. */
  environment?: NodeJS.ProcessEnv
  /** Where this edge listens, once it does. */
  url?: () => string
}

export interface NodeRoot {
  container: Container
  /** Goes on with what an earlier process has left. */
  start(): Promise<void>
  /** Takes no further step of a job or a batch; through once those under way are. */
  stop(): Promise<void>
}

/** The edge on Node: rows in one database, contents in one storage, jobs, batches and limits in this process and kept in the database. */
export function nodeRoot(config: WeftConfig, { database, objects, variables, consoleFiles, metrics, environment = {}, url = () => '' }: NodeParts): NodeRoot {
  const container = compositionRoot(checkedConfiguration(config))
  const value = <T>(token: ServiceIdentifier<T>, constant: T) => void container.bind(token).toConstantValue(constant)
  const jobs = jobHosts(database, () => ({ supervise: container.get(tokens.supervise), jobs: container.get(tokens.allJobs) }))
  const batches = batchHosts(database, () => container.get(tokens.batchSupervisors))

  bindVariables(container, variables, config)
  if (!config.runners || !('resolver' in config.runners) || config.runners.resolver === undefined)
    container.rebind(tokens.resolveName).toConstantValue(resolveName())
  container.rebind(tokens.secret).toConstantValue((name) => environment[name] || undefined)
  value(tokens.mostQuestions, Infinity)
  value(tokens.localProcesses, localProcesses(environment, url))
  value(tokens.sendToExecutor, plainSend)
  value(tokens.openStored, sqlStores({ database, objects, now: nowSeconds }))
  value(tokens.allJobs, sqlAllJobs(database))
  value(tokens.allBatches, sqlAllBatches(database))
  value(tokens.allKeys, sqlAllKeys(database))
  value(tokens.allUsage, sqlAllUsage(database))
  value(tokens.sweepResponses, () => sweepResponses(database, nowSeconds()))
  value(tokens.checkDatabase, (what) => database.check(what))
  value(tokens.limiter, databaseLimiter(database))
  value(tokens.consoleFiles, consoleFiles)

  value(tokens.dispatcher, jobs.dispatcher)
  value(tokens.batchDispatcher, batches.dispatcher)
  // The row is the queue: what is not woken now, the next sweep finds.
  const woken = (wake: (id: string) => Promise<void>) => async (id: string) => {
    wake(id).catch((error: unknown) => console.error(`${id} could not be woken; the next sweep tries again:`, error))
  }
  value(tokens.sendJob, woken(jobs.dispatcher.wake))
  value(tokens.sendBatch, woken(batches.dispatcher.wake))

  const sees = [...(variables.LOG_REQUESTS === 'off' ? [] : [logRequest]), ...(metrics ? [metrics.see] : [])]
  value(tokens.see, (seen) => {
    for (const see of sees) see(seen)
  })
  return {
    container,
    start: async () => void (await Promise.all([jobs.start(), batches.start()])),
    stop: async () => void (await Promise.all([jobs.stop(), batches.stop()])),
  }
}
