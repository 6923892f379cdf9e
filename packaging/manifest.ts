import { undeclared } from './errors.ts'
import { type PublishedPackage, readManifest } from './published-packages.ts'
import type { Reached } from './reach.ts'

/** Where a source file's code lies in its package. */
export const builtPath = (source: string, extension: string): string => `./dist/${source.replace(/^(\.\/)?(src\/)?/, '').replace(/\.tsx?$/, extension)}`

/** Where a file that is no code lies: beside the code that reads it. */
export const publishedPath = (file: string): string => file.replace(/^src\//, 'dist/')

/** The oldest Node that strips the types of a `weft.config.ts`; a package that needs less says so itself. */
const engines = { node: '>=22.18' }

/** The `package.json` that is published: the source's, with built files for its exports, exact versions of ours, and what is said once at the root. */
export const publishedManifest = (
  { folder, manifest }: PublishedPackage,
  { entries, dependencies: used, texts }: Reached,
  versions: ReadonlyMap<string, string>,
): object => {
  const { name, version, description, bin, files = [], dependencies = {}, peerDependencies, peerDependenciesMeta, optionalDependencies = {} } = manifest
  const declared = { ...dependencies, ...peerDependencies, ...optionalDependencies }
  const missing = [...used].filter((one) => !(one in declared))
  if (missing.length > 0) throw undeclared(name, missing)
  const { license, repository } = readManifest('.')
  const isUsed = (one: string): boolean => used.has(one) || texts.some((text) => text.includes(`'${one}`))
  const exact = (all: Record<string, string>): Record<string, string> =>
    Object.fromEntries(Object.entries(all).map(([one, range]) => [one, range === '*' ? (versions.get(one) ?? range) : range]))
  return {
    name,
    version,
    description,
    license,
    repository: { ...repository, directory: folder },
    type: 'module',
    engines: manifest.engines ?? engines,
    exports: exportsOf(entries),
    ...(bin ? { bin } : {}),
    files: [...new Set(['dist', ...files.map((file) => publishedPath(file).replace(/^dist\/.*/, 'dist'))])],
    dependencies: exact(Object.fromEntries(Object.entries(dependencies).filter(([one]) => isUsed(one)))),
    ...(peerDependencies ? { peerDependencies: exact(peerDependencies), peerDependenciesMeta } : {}),
    ...(Object.keys(optionalDependencies).length > 0 ? { optionalDependencies } : {}),
  }
}

const exportsOf = (entries: ReadonlyMap<string, string>): object =>
  Object.fromEntries(
    [...entries]
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([key, source]) => [key, /\.tsx?$/.test(source) ? { types: builtPath(source, '.d.ts'), default: builtPath(source, '.js') } : source]),
  )
