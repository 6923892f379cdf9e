import { existsSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

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
export const defaultConfig = join(root, named)
export const migrations = join(dirname(moduleOf('@weft/edge')), '..', 'migrations')
/** Started with this process' own Node, not through its shebang, which would find the system's. */
export const wrangler = join(dirname(moduleOf('wrangler/package.json')), 'bin', 'wrangler.js')
