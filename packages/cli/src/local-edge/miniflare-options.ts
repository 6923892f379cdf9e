import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { convertV4MiniflareOptions, Log, LogLevel, type MiniflareOptions } from 'miniflare'
import { bundleOf } from './bundle-folder.ts'
import { readWorkerOptions } from './read-worker-options.ts'

export interface LocalEdge {
  /** The state folder. */
  state: string
  /** The wrangler configuration whose bindings the Worker gets. */
  deployment: string
  /** Variables and secrets, over the configuration's. */
  variables: Record<string, string>
  onLog(level: string, message: string): void
}

/** What no Miniflare of ours has: a port that is told, handlers and explorers on it, and a look for a request's country. */
const closed = { host: '127.0.0.1', port: 0, cf: false, unsafeLocalExplorer: false, unsafeTriggerHandlers: false, unsafeObservability: false } as const

const storage = (state: string): string => join(state, 'edge', 'v3')

/** workerd with the deployment's databases and no Worker of ours, before one is there. */
export const databaseOptions = (state: string, deployment: string): MiniflareOptions => {
  const { d1Databases } = readWorkerOptions(deployment)
  return convertV4MiniflareOptions({
    ...closed,
    log: new Log(LogLevel.ERROR),
    resourcePersistencePath: storage(state),
    workers: [
      { name: 'migrations', modules: true, script: 'export default {}', compatibilityDate: '2026-01-01', d1Databases: d1Databases as Record<string, string> },
    ],
  })
}

/**
 * workerd with the Worker alone on a port of its own, which `frontOf` passes connections on to. `wrangler dev` would put more there, open to
 * every program and page of the machine: an explorer that reads and writes the databases without a key, handlers that start events, and an
 * inspector that runs code. A socket of the Worker's own has none of it; Miniflare's entry, on a port that nobody is told, has them switched
 * off, and no inspector listens.
 */
export const miniflareOptions = ({ state, deployment, variables, onLog }: LocalEdge): MiniflareOptions => {
  const worker = readWorkerOptions(deployment)
  return convertV4MiniflareOptions({
    ...closed,
    log: new Log(LogLevel.ERROR),
    logRequests: false,
    handleStructuredLogs: ({ level, message }) => onLog(level, message),
    resourcePersistencePath: storage(state),
    workers: [
      {
        ...worker,
        modules: [{ type: 'ESModule', path: 'index.js', contents: readFileSync(join(bundleOf(state), 'index.js')) }],
        bindings: { ...(worker.bindings as Record<string, string>), ...variables },
        unsafeDirectSockets: [{ host: '127.0.0.1', port: 0 }],
      },
    ],
  })
}
