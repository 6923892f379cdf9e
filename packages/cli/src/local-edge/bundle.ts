import { join } from 'node:path'
import { bundleFailed } from '../errors.ts'
import { runWrangler } from './wrangler.ts'

/** Where the Worker's one module lies in a state folder. */
export const bundleOf = (state: string): string => join(state, 'edge', 'worker')

/**
 * Bundles the Worker as a deployment would, without deploying it.
 * @param deployment wrangler.toml, or the launcher's copy of it
 * @throws CliError `bundle_failed`, with what the bundler said
 */
export const bundleWorker = (state: string, deployment: string): Promise<void> =>
  runWrangler(['deploy', '--dry-run', '--config', deployment, '--outdir', bundleOf(state)], bundleFailed)
