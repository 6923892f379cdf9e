import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { dirname, join, resolve } from 'node:path'
import { packagesMissing } from './errors.ts'

/**
 * The tarballs of Weft's packages in a folder, by package name.
 * @param names packages that must be there
 * @throws CreateError `packages_missing`
 */
export const tarballsIn = (folder: string, names: readonly string[]): Record<string, string> => {
  const files = existsSync(folder) ? readdirSync(folder) : []
  const found = Object.fromEntries(
    files.flatMap((file) => {
      const [, name] = /^weft-([a-z][a-z0-9-]*?)-\d+\.\d+\.\d+.*\.tgz$/.exec(file) ?? []
      return name === undefined ? [] : [[`@weft/${name}`, `file:${resolve(folder, file)}`]]
    }),
  )
  for (const name of names) if (!(name in found)) throw packagesMissing(folder, name)
  return found
}

/** The folder that npm installed this package from, where it was a tarball on this machine; undefined where it was a registry. */
export const ownTarballFolder = (packageFolder: string): string | undefined => {
  const modules = dirname(packageFolder)
  const lock = join(modules, '.package-lock.json')
  if (!existsSync(lock)) return undefined
  const { packages } = JSON.parse(readFileSync(lock, 'utf8')) as { packages: Record<string, { resolved?: string }> }
  const { resolved } = packages['node_modules/create-weft'] ?? {}
  return resolved?.startsWith('file:') && resolved.endsWith('.tgz') ? dirname(resolve(dirname(modules), resolved.slice('file:'.length))) : undefined
}
