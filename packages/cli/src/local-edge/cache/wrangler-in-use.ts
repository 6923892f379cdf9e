import { readdirSync, readFileSync, statSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { root, wrangler } from '../../launcher/project.ts'
import { digestOf } from './start-cache.ts'

/** What wrangler, esbuild and Node are told by the environment. Whether wrangler writes a log is said here, and changes nothing. */
const told = /^(CLOUDFLARE|CF|WRANGLER|ESBUILD|EXPERIMENTAL|MINIFLARE|NODE|X)_(?!WRITE_LOGS|COMPILE_CACHE|EXTRA_CA_CERTS)/
/** These bring another esbuild, or everything that the environment says. */
const beyond = ['ESBUILD_BINARY_PATH', 'CLOUDFLARE_INCLUDE_PROCESS_ENV']

/** Where values for wrangler lie beside a configuration. */
const isEnvironmentFile = (name: string): boolean => /^\.(env|dev\.vars)/.test(name)

/**
 * What an answer of wrangler's depends on beside what it is asked, as JSON has it: which wrangler and which esbuild, the folder it runs in, the environment, and
 * files of it. Undefined where that cannot be told.
 * @param maker the file that asks wrangler
 */
export const wranglerInUse = (maker: string, environment: NodeJS.ProcessEnv = process.env): readonly unknown[] | undefined => {
  try {
    if (beyond.some((name) => environment[name] !== undefined)) return undefined
    const folder = dirname(dirname(wrangler))
    // Of those that lie within it, too: a package's own copy is another one.
    const esbuild = createRequire(wrangler).resolve('esbuild/package.json')
    return [
      root,
      // What asks, and what notes how it was answered: a newer Weft may go by more.
      [
        maker,
        ...readdirSync(import.meta.dirname)
          .sort()
          .map((name) => join(import.meta.dirname, name)),
      ].map((file) => [file, digestOf(readFileSync(file))]),
      ...[join(folder, 'package.json'), esbuild].map((file) => [file, digestOf(readFileSync(file))]),
      ...[join(folder, 'wrangler-dist', 'cli.js'), join(dirname(esbuild), 'lib', 'main.js')].map((file) => [file, stampOf(file)]),
      Object.entries(environment)
        .filter(([name]) => told.test(name))
        .sort(([a], [b]) => (a < b ? -1 : 1)),
      readdirSync(root)
        .filter(isEnvironmentFile)
        .sort()
        .map((name) => [name, digestOf(readFileSync(join(root, name)))]),
    ]
  } catch {
    return undefined
  }
}

/** Whether a state folder has values of its own for wrangler, which then is asked. */
export const hasEnvironmentFiles = (state: string): boolean => readdirSync(state).some(isEnvironmentFile)

/** Of a file that is too large to be read at every start: one that was changed in its place differs in it. */
function stampOf(file: string): unknown {
  const { size, ctimeMs } = statSync(file)
  return [size, ctimeMs]
}
