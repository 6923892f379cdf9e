import { existsSync, globSync, readFileSync } from 'node:fs'
import { dirname, join, relative } from 'node:path'

export const root = join(import.meta.dirname, '../..')

/** A file of ours: where it lies, the workspace package that owns it (`packages/graph`, `plugins`, …), and its text. */
export interface Source {
  readonly file: string
  readonly folder: string
  readonly text: string
}

export const packageFolders = globSync('{packages/*,plugins,gpu-runner,test}/package.json', { cwd: root })
  .map((file) => dirname(file))
  .sort()

const read = (file: string): string => readFileSync(join(root, file), 'utf8')

/** Uses what is installed apart from the project, and is compiled there. */
const apart = 'test/clients/generated/**'

/** All source files of all workspace packages, tests and scripts included. */
export const sources: readonly Source[] = packageFolders.flatMap((folder) =>
  globSync(`${folder}/**/*.{ts,tsx,mjs}`, { cwd: root, exclude: ['**/node_modules/**', apart] }).map((file) => ({ folder, file, text: read(file) })),
)

export const isTest = (file: string): boolean => file.includes('.test.') || /(^|\/)test\//.test(file)

const statement = /^(?:import|export)\s+(?:type\s+)?[\w*$\s,{}]+?\s+from\s+['"]([^'"]+)['"]|^import\s+['"]([^'"]+)['"]|\bimport\(\s*['"]([^'"]+)['"]/gm

/** Everything that a text imports or exports from, types and `import()` included, in the order it is written. */
export const imports = (text: string): string[] => [...text.matchAll(statement)].map((match) => match[1] ?? match[2] ?? match[3]!)

const known = new Set(sources.map(({ file }) => file))

/** Where an import of ours leads, as a file of `sources`; null for packages of others and for files that are not source. */
export function resolved({ file, folder }: Source, name: string): string | null {
  if (name.startsWith('.')) return inSources(relative(root, join(root, file, '..', name)))
  const ours = /^@weft\/([^/]+)(?:\/(.+))?$/.exec(name)
  if (!ours) return null
  const target = packageFolders.find((candidate) => candidate === ours[1] || candidate === `packages/${ours[1]}`)
  if (!target) throw new Error(`${file} imports ${name}, and there is no such workspace package (from ${folder})`)
  const exports: Record<string, string> = JSON.parse(read(`${target}/package.json`)).exports ?? {}
  const exact = exports[ours[2] ? `./${ours[2]}` : '.']
  const pattern = ours[2] ? exports['./*']?.replace('*', ours[2]) : undefined
  const path = exact ?? pattern
  if (!path) throw new Error(`${file} imports ${name}, which ${target}/package.json does not export`)
  return inSources(join(target, path))
}

function inSources(path: string): string | null {
  if (known.has(path)) return path
  if (existsSync(join(root, path))) return null
  throw new Error(`${path} is imported and does not exist`)
}
