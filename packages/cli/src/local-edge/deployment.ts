import { existsSync, mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { deploymentMissing } from '../errors.ts'
import { root } from '../launcher/project.ts'
import { cacheOfUser, type StartCache } from './cache/start-cache.ts'
import { consoleFolder } from './console-folder.ts'
import { rawConfigurationOf } from './raw-configuration.ts'
import { writeWorkerOptions } from './worker-options.ts'

/** The wrangler configuration of a start: a copy of the project's in the state folder, with the start's weft.config.ts and the console's files, which are built by then. @throws CliError `deployment_missing` */
export const deploymentOf = async (config: string, state: string, cache: StartCache = cacheOfUser()): Promise<string> => {
  const original = join(root, 'wrangler.toml')
  if (!existsSync(original)) throw deploymentMissing(original)
  const { build: _, ...rawConfig } = await rawConfigurationOf(original, cache)
  const absolute = (path: string | undefined): string | undefined => (path === undefined ? undefined : join(root, path))
  const copy = {
    ...rawConfig,
    main: absolute(rawConfig.main),
    alias: { ...mapValues(rawConfig.alias ?? {}, (to) => (to.startsWith('.') ? join(root, to) : to)), 'weft.config': config },
    d1_databases: rawConfig.d1_databases?.map((database: { migrations_dir?: string }) => ({
      ...database,
      migrations_dir: absolute(database.migrations_dir),
    })),
  }
  const file = join(state, 'wrangler.json')
  // wrangler asks that it is there before anything is in it.
  mkdirSync(consoleFolder(state), { recursive: true })
  writeFileSync(file, JSON.stringify({ ...copy, assets: { ...rawConfig.assets, directory: consoleFolder(state) } }, null, 2))
  await writeWorkerOptions(file, copy, cache)
  return file
}

const mapValues = (record: Record<string, string>, map: (value: string) => string): Record<string, string> =>
  Object.fromEntries(Object.entries(record).map(([key, value]) => [key, map(value)]))
