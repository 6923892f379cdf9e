import { readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'

/** What wrangler makes of a deployment for workerd: its bindings, databases, queues and objects. */
export interface WorkerOptions extends Record<string, unknown> {
  name: string
}

/** Beside the deployment: whoever starts workerd needs no wrangler, which takes as long to load as all else there. */
export const workerOptionsFile = (deployment: string): string => join(dirname(deployment), 'worker-options.json')

export const readWorkerOptions = (deployment: string): WorkerOptions => JSON.parse(readFileSync(workerOptionsFile(deployment), 'utf8')) as WorkerOptions
