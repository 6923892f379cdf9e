import { existsSync, readdirSync, readFileSync, realpathSync } from 'node:fs'
import { join } from 'node:path'
import { digestOf } from './start-cache.ts'

/** One thing that a bundler looks at, and how it looked; '' where nothing is there. */
export type Observation = readonly [kind: keyof typeof looks, path: string, seen: string]

/** Files beside a source, or above it, that say how imports are resolved and how it is read. */
export const SETTINGS = ['package.json', 'tsconfig.json', 'jsconfig.json', '.pnp.cjs', '.pnp.js', '.pnp.data.json']

const looks = {
  /** A file's content. */
  file: (path: string): string => digestOf(readFileSync(path)),
  /** The settings of a folder. */
  settings: (folder: string): string => {
    const there = SETTINGS.map((name) => join(folder, name)).filter((file) => existsSync(file))
    return there.length === 0 ? '' : digestOf(JSON.stringify(there.map((file) => [file, digestOf(readFileSync(file))])))
  },
  /** What is in a folder: of an import without its extension the first of several names is found. */
  names: (folder: string): string => (existsSync(folder) ? digestOf(JSON.stringify(namesIn(folder))) : ''),
  /** The packages that a folder brings, and where those lie that are links. */
  packages: (folder: string): string => {
    const modules = join(folder, 'node_modules')
    if (!existsSync(modules)) return ''
    const scopes = namesIn(modules).filter((name) => name.startsWith('@'))
    return digestOf(JSON.stringify([namesIn(modules), ...scopes.map((scope) => [scope, namesIn(join(modules, scope))])]))
  },
  /** Where a path leads. */
  place: (path: string): string => (existsSync(path) ? realpathSync.native(path) : ''),
}

/** @throws what reading it threw, other than that it is not there */
export const observe = (kind: Observation[0], path: string): Observation => [kind, path, looks[kind](path)]

export const isAsObserved = ([kind, path, seen]: Observation): boolean => {
  try {
    return looks[kind](path) === seen
  } catch {
    return false
  }
}

/** Without hidden ones, which no import finds unless it names them whole. */
function namesIn(folder: string): string[] {
  return readdirSync(folder, { withFileTypes: true })
    .filter(({ name }) => !name.startsWith('.'))
    .map((entry) => (entry.isSymbolicLink() ? `${entry.name} ${placeOf(join(folder, entry.name))}` : entry.isDirectory() ? `${entry.name}/` : entry.name))
    .sort()
}

function placeOf(link: string): string {
  return existsSync(link) ? realpathSync.native(link) : ''
}
