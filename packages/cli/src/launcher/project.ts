import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

/** The repository's root: where wrangler.toml, weft.config.ts and the packages are. */
export const root = fileURLToPath(new URL('../../../../', import.meta.url))

export const runnerMain = join(root, 'gpu-runner', 'src', 'main.ts')
export const defaultConfig = join(root, 'weft.config.ts')
export const migrations = join(root, 'packages', 'edge', 'migrations')
/** Started with this process' own Node, not through its shebang, which would find the system's. */
export const wrangler = join(dirname(fileURLToPath(import.meta.resolve('wrangler/package.json'))), 'bin', 'wrangler.js')
