import { existsSync } from 'node:fs'
import { dirname, resolve } from 'node:path'
import { isWeftError } from '@weft/adapters'
import { importModule } from '@weft/gpu-runner/import-module'
import { defineConfig, type WeftConfig } from '@weft/protocol'
import { CliError, configurationNoModule, configurationRefused, configurationUnreadable, fileMissing } from './errors.ts'
import { faultPlace } from './fault-place.ts'
import { printFailure } from './output/failure.ts'

/** Loads a weft.config.ts, and checks what it exports as `defineConfig` does. @throws CliError `file_missing`, `invalid_config`, and the codes of `defineConfig` */
export const readConfiguration = async (file: string): Promise<WeftConfig> => {
  const path = resolve(file)
  if (!existsSync(path)) throw fileMissing(path)
  if (!/\.[mc]?[jt]s$/.test(path)) throw configurationNoModule(path)
  const module = (await importModule(path, (cause) => {
    process.exitCode = printFailure(unreadable(path, cause), process.argv.includes('--json'))
  }).catch((error: unknown) => {
    throw unreadable(path, error)
  })) as { default?: WeftConfig }
  if (!module.default?.plugins || !module.default.models)
    throw new CliError('invalid_config', `${path} must export a configuration by default: export default defineConfig({ models, plugins })`, 2)
  try {
    // A plain object is one too, and then nobody has read it yet.
    return defineConfig(module.default)
  } catch (error) {
    throw unreadable(path, error)
  }
}

/** An error gets the file's name. A coded one of ours (two plugins of one id) keeps its code and names its field; another gets the line, of the module that it is in. */
const unreadable = (path: string, error: unknown): CliError => {
  if (isWeftError(error)) return configurationRefused(path, error)
  return configurationUnreadable(path, faultPlace(path, error), error)
}

/** What `loadModel` takes for a configuration's first model: a folder, a package, or a hub id. */
export const firstModel = (config: Pick<WeftConfig, 'models'>, file: string): string => namedModel(config, file, Object.keys(config.models)[0]) ?? ''

/** The same for the model of that name; undefined where there is none. */
export const namedModel = ({ models }: Pick<WeftConfig, 'models'>, file: string, name: string): string | undefined => {
  const { path, hub } = models[name] ?? {}
  if (path === undefined) return hub
  const folder = resolve(dirname(file), path)
  return existsSync(folder) ? folder : path
}
