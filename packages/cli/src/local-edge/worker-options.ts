import { writeFileSync } from 'node:fs'
import { dirname } from 'node:path'
import { nameOf } from './cache/cached.ts'
import type { StartCache } from './cache/start-cache.ts'
import { hasEnvironmentFiles, wranglerInUse } from './cache/wrangler-in-use.ts'
import { consoleFolder } from './console-folder.ts'
import { loadWrangler } from './load-wrangler.ts'
import { type WorkerOptions, workerOptionsFile } from './read-worker-options.ts'

/**
 * Writes what wrangler makes of a deployment, which is kept without the state folder that it is in.
 * @param elsewhere what the deployment says that is the same in every state folder, as JSON has it
 */
export const writeWorkerOptions = async (deployment: string, elsewhere: object, cache: StartCache): Promise<void> => {
  const state = dirname(deployment)
  const using = hasEnvironmentFiles(state) ? undefined : wranglerInUse(import.meta.filename)
  const name = using && nameOf('options', [using, elsewhere])
  const found = name && cache.read(name)
  if (found) return writeFileSync(workerOptionsFile(deployment), JSON.stringify(inState(JSON.parse(found) as WorkerOptions, state)))
  const made = await optionsOf(deployment)
  writeFileSync(workerOptionsFile(deployment), JSON.stringify(made))
  const text = JSON.stringify({ ...made, ...outOfState(made) })
  // Only where nothing else of it is this state folder's.
  if (name && !text.includes(JSON.stringify(state).slice(1, -1)) && isSame(inState(JSON.parse(text) as WorkerOptions, state), made)) cache.write(name, text)
}

const optionsOf = async (deployment: string): Promise<WorkerOptions> => {
  const { unstable_readConfig: readConfig, unstable_getMiniflareWorkerOptions: workerOptionsOf } = await loadWrangler()
  const { modulesRules: _, ...options } = workerOptionsOf(deployment).workerOptions
  return { ...options, name: readConfig({ config: deployment }).name ?? 'weft' }
}

/** Where a Worker's relative paths begin, and where its assets are. */
const placed = (options: WorkerOptions, rootPath: string, directory: string): object => ({ rootPath, assets: { ...(options.assets as object), directory } })

const outOfState = (options: WorkerOptions): object => placed(options, '', '')

const inState = (options: WorkerOptions, state: string): WorkerOptions => ({ ...options, ...placed(options, state, consoleFolder(state)) })

const isSame = (a: object, b: object): boolean => JSON.stringify(a) === JSON.stringify(b)
