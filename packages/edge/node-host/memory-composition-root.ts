import type { WeftConfig } from '@weft/protocol'
import type { Container } from 'inversify'
import { admitEveryone } from '../src/auth/admit.ts'
import { bootstrapPrincipal } from '../src/auth/principal.ts'
import { compositionRoot } from '../src/composition-root.ts'
import { memoryLimiter } from '../src/limits/memory-limiter.ts'
import { httpTransport } from '../src/runner/http/transport.ts'
import { tokens } from '../src/tokens.ts'
import { MemoryBatchHosts } from './memory-batch-host.ts'
import { MemoryJobHosts } from './memory-job-host.ts'
import { memoryStores } from './memory-stores.ts'

/** The edge in one Node process: nothing of Cloudflare's, everything in memory. */
export function memoryRoot(
  config: WeftConfig,
  runnerUrl: string | readonly string[],
  timeoutMs = 1000,
): { container: Container; hosts: MemoryJobHosts; batchHosts: MemoryBatchHosts } {
  const container = compositionRoot(config)
  const hosts = new MemoryJobHosts(() => ({ supervise: container.get(tokens.supervise), jobs: container.get(tokens.allJobs) }))
  const batchHosts = new MemoryBatchHosts(() => container.get(tokens.batchSupervisors))
  const stores = memoryStores()
  container.bind(tokens.openStored).toConstantValue(stores.open)
  container.bind(tokens.allJobs).toConstantValue(stores.allJobs)
  container.bind(tokens.allBatches).toConstantValue(stores.allBatches)
  container.bind(tokens.batchDispatcher).toConstantValue(batchHosts.dispatcher)
  container.bind(tokens.sendBatch).toConstantValue(async (id) => setTimeout(() => batchHosts.dispatcher.wake(id)))
  container.bind(tokens.batchConcurrency).toConstantValue(4)
  container.bind(tokens.allUsage).toConstantValue(stores.allUsage)
  container.bind(tokens.limiter).toConstantValue(memoryLimiter())
  container.bind(tokens.secret).toConstantValue(() => undefined)
  container.bind(tokens.mostQuestions).toConstantValue(Infinity)
  container.bind(tokens.localProcesses).toConstantValue(undefined)
  container.bind(tokens.sendToExecutor).toConstantValue((url, init) => fetch(url, init))
  container.bind(tokens.checkDatabase).toConstantValue(async () => {})
  container.bind(tokens.dispatcher).toConstantValue(hosts.dispatcher)
  container.bind(tokens.sendJob).toConstantValue(async (id) => setTimeout(() => hosts.dispatcher.wake(id)))
  container.bind(tokens.see).toConstantValue(() => {})
  container.bind(tokens.runnerUrls).toConstantValue([runnerUrl].flat())
  container.bind(tokens.openTransport).toConstantValue((url) => httpTransport({ url, timeoutMs }))
  container.bind(tokens.isLocal).toConstantValue(false)
  container.bind(tokens.admit).toConstantValue(admitEveryone)
  container.bind(tokens.bootstrapKey).toConstantValue(async (key) => (key === 'weft-local' ? bootstrapPrincipal : undefined))
  container.bind(tokens.allKeys).toConstantValue(stores.allKeys)
  container.bind(tokens.signingKey).toConstantValue(undefined)
  container.bind(tokens.localKeyFile).toConstantValue(undefined)
  container.bind(tokens.consoleFiles).toConstantValue(undefined)
  container.bind(tokens.origins).toConstantValue(() => false)
  container.bind(tokens.runnerStartMs).toConstantValue(0)
  container.bind(tokens.maxFileBytes).toConstantValue(100_000)
  container.bind(tokens.waits).toConstantValue({ longestMs: 10_000, blanksAfterMs: 3_000 })
  return { container, hosts, batchHosts }
}
