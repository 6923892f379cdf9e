import { existsSync } from 'node:fs'
import { dirname, join, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { isHome } from '@weft/node-edge/scheme'
import { stateHomeNotWrittenOut } from '../errors.ts'

const named = 'weft.config.ts'

/** The nearest folder that has a configuration, here or above; else the repository that this file is part of, where it is; else here. */
const findRoot = (): string => {
  for (let folder = process.cwd(); ; folder = dirname(folder)) {
    if (existsSync(join(folder, named))) return folder
    if (dirname(folder) === folder) break
  }
  const repository = fileURLToPath(new URL('../../../..', import.meta.url))
  return existsSync(join(repository, named)) ? repository : process.cwd()
}

const moduleOf = (specifier: string): string => fileURLToPath(import.meta.resolve(specifier))

/** The project: where its wrangler.toml, its weft.config.ts and, unless that says another place, its state are. */
export const root = findRoot()

export const runnerMain = moduleOf('@weft/gpu-runner/main')
/** Where no `--config` names another: every command reads the same one. */
export const defaultConfig = process.env.WEFT_CONFIG ? resolve(process.env.WEFT_CONFIG) : join(root, named)

/** Where data lies: where `--state` or its variable says, else the configuration, else in the project. @throws CliError `invalid_state` */
export function stateFolder({ state, config }: { state?: string; config: string }, storage?: { state?: string }): string {
  const said = state || storage?.state
  if (said !== undefined && isHome(said)) throw stateHomeNotWrittenOut(said)
  return state ? resolve(state) : resolve(dirname(resolve(config)), storage?.state ?? join(root, '.weft'))
}

export const migrations = join(dirname(moduleOf('@weft/edge')), '..', 'migrations')
/** Started with this process' own Node, not through its shebang, which would find the system's. */
export const wrangler = join(dirname(moduleOf('wrangler/package.json')), 'bin', 'wrangler.js')
