import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { convertV4MiniflareOptions, Log, LogLevel, type MiniflareOptions } from 'miniflare'
import { unstable_readConfig as readConfig, unstable_getMiniflareWorkerOptions as readWorkerOptions } from 'wrangler'
import { bundleOf } from './bundle.ts'

export interface LocalEdge {
  port: number
  /** The state folder. */
  state: string
  /** The wrangler configuration whose bindings the Worker gets. */
  deployment: string
  /** Variables and secrets, over the configuration's. */
  variables: Record<string, string>
  onLog(level: string, message: string): void
}

/**
 * workerd with the Worker alone on the port. `wrangler dev` would put more there, open to every program and page of the machine: an
 * explorer that reads and writes the databases without a key, handlers that start events, and an inspector that runs code. A socket of
 * the Worker's own has none of it; Miniflare's entry, on a port that nobody is told, has them switched off, and no inspector listens.
 */
export const miniflareOptions = ({ port, state, deployment, variables, onLog }: LocalEdge): MiniflareOptions => {
  const { name } = readConfig({ config: deployment })
  const { workerOptions } = readWorkerOptions(deployment)
  const { modulesRules: _, ...worker } = workerOptions
  return convertV4MiniflareOptions({
    host: '127.0.0.1',
    port: 0,
    cf: false,
    unsafeLocalExplorer: false,
    unsafeTriggerHandlers: false,
    unsafeObservability: false,
    log: new Log(LogLevel.ERROR),
    logRequests: false,
    handleStructuredLogs: ({ level, message }) => onLog(level, message),
    resourcePersistencePath: join(state, 'edge', 'v3'),
    workers: [
      {
        ...worker,
        name: name ?? 'weft',
        modules: [{ type: 'ESModule', path: 'index.js', contents: readFileSync(join(bundleOf(state), 'index.js')) }],
        bindings: { ...(worker.bindings as Record<string, string>), ...variables },
        unsafeDirectSockets: [{ host: '127.0.0.1', port }],
      },
    ],
  })
}
