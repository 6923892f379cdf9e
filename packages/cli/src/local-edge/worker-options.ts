import { readFileSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { loadWrangler } from './load-wrangler.ts'

/** What wrangler makes of a deployment for workerd: its bindings, databases, queues and objects. */
export interface WorkerOptions extends Record<string, unknown> {
  name: string
}

/** Beside the deployment: wrangler reads it once a start, and whoever starts workerd needs no wrangler, which takes as long to load as all else there. */
const fileOf = (deployment: string): string => join(dirname(deployment), 'worker-options.json')

export const writeWorkerOptions = async (deployment: string): Promise<void> => {
  const { unstable_readConfig: readConfig, unstable_getMiniflareWorkerOptions: optionsOf } = await loadWrangler()
  const { modulesRules: _, ...options } = optionsOf(deployment).workerOptions
  writeFileSync(fileOf(deployment), JSON.stringify({ ...options, name: readConfig({ config: deployment }).name ?? 'weft' } satisfies WorkerOptions))
}

export const readWorkerOptions = (deployment: string): WorkerOptions => JSON.parse(readFileSync(fileOf(deployment), 'utf8')) as WorkerOptions
