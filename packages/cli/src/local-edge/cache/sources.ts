import { existsSync, readFileSync, statSync } from 'node:fs'
import { dirname, join, resolve, sep } from 'node:path'
import { type Observation, observe, SETTINGS } from './observation.ts'

/** What esbuild says of a bundle. Paths are relative to the folder that it worked in. */
export interface Metafile {
  inputs: Record<string, { imports: readonly { path: string; original?: string; external?: boolean }[] }>
}

interface Bundled {
  metafile: Metafile
  /** That the bundler worked in. */
  folder: string
  /** When it began, in milliseconds of the epoch. */
  began: number
  /** Files, as they lie on disk, that imports were told to find. */
  named: readonly string[]
  /** The project's folder. Things come and go in it, and above it, that are none of the bundler's. */
  project: string
}

/**
 * Everything that a bundle was made of: its files, what decides which files those are, and how they are read. Undefined where that cannot be told, or may have
 * changed since the bundler began.
 */
export const sourcesOf = ({ metafile, folder, began, named, project }: Bundled): Observation[] | undefined => {
  const seen = new Map<string, Observation>()
  const note = (kind: Observation[0], path: string): void => {
    const key = `${kind} ${path}`
    if (!seen.has(key)) seen.set(key, observe(kind, path))
  }
  const fileOf = (path: string): string => resolve(folder, path.replace(/^\(disabled\):/, ''))
  try {
    for (const [path, { imports }] of Object.entries(metafile.inputs)) {
      const file = fileOf(path)
      note('file', file)
      for (const above of foldersAbove(file)) for (const kind of ['settings', 'packages'] as const) note(kind, above)
      for (const { path: found, original = found, external } of imports) {
        const place = external ? undefined : fileOf(found)
        const asked = isPath.test(original) ? resolve(dirname(file), original) : undefined
        if (asked !== undefined) note('place', asked)
        // A name that is written whole finds its file before any other.
        if (place !== undefined && (place === asked || named.includes(place))) continue
        const looked = asked === undefined ? (place === undefined ? [] : withinPackage(place)) : [dirname(asked), asked, ...below(asked, place)]
        for (const each of looked) if (isFolder(each)) note('names', each)
      }
    }
    const all = [...seen.values()]
    const folders = all.filter(([kind]) => kind === 'settings').map(([, path]) => path)
    if (folders.some(resolvesOtherwise)) return undefined
    for (const each of folders) for (const file of extendedBy(each)) note('file', file)
    const open = new Set(foldersAbove(join(project, 'weft.config.ts')))
    const paths = new Set([...seen.values()].flatMap(([kind, path]) => (kind === 'settings' ? [path, ...SETTINGS.map((name) => join(path, name))] : [path])))
    return [...paths].some((path) => !open.has(path) && changedSince(path, began)) ? undefined : [...seen.values()]
  } catch {
    // What is no file of this machine, or cannot be read.
    return undefined
  }
}

const isPath = /^(\.{0,2}[/\\]|\.{1,2}$|[a-zA-Z]:[/\\])/

const isFolder = (path: string): boolean => statSync(path, { throwIfNoEntry: false })?.isDirectory() ?? false

/** Nearest first. */
function foldersAbove(path: string): string[] {
  const folder = dirname(path)
  return folder === path ? [] : [folder, ...foldersAbove(folder)]
}

/** The folders from a file to one above it, which may have a package.json that names the file. */
function below(folder: string, file: string | undefined): string[] {
  return file === undefined ? [] : foldersAbove(file).filter((each) => each.startsWith(folder + sep))
}

/** The folders from a file to that of its package. */
function withinPackage(file: string): string[] {
  const above = foldersAbove(file)
  const last = above.findIndex((folder) => {
    const manifest = join(folder, 'package.json')
    return existsSync(manifest) && (JSON.parse(readFileSync(manifest, 'utf8')) as { name?: string }).name !== undefined
  })
  return above.slice(0, last === -1 ? undefined : last + 1)
}

/** Times of file systems are that coarse, in milliseconds, and of those of other machines a little off. */
const COARSE = 2000

/** When what is there, or its name, was changed last: no program sets that time. */
function changedSince(path: string, time: number): boolean {
  return (statSync(path, { throwIfNoEntry: false })?.ctimeMs ?? 0) > time - COARSE
}

/** Both names of TypeScript's settings, in a folder whose settings count: those of packages do not. */
function tsconfigsIn(folder: string): string[] {
  if (/[/\\]node_modules([/\\]|$)/.test(folder)) return []
  return ['tsconfig.json', 'jsconfig.json'].map((name) => join(folder, name)).filter((file) => existsSync(file))
}

/** Where TypeScript's settings say where imports lie, an import may find files that nobody has looked for here. */
function resolvesOtherwise(folder: string): boolean {
  return tsconfigsIn(folder).some((file) => [file, ...extended(file)].some((each) => /"(paths|baseUrl|rootDirs)"/.test(readFileSync(each, 'utf8'))))
}

function extendedBy(folder: string): string[] {
  return tsconfigsIn(folder).flatMap((file) => extended(file))
}

/** The settings that others go on from, which may have comments. @throws where they are not named whole: others could be found in their place */
function extended(file: string): string[] {
  const [, value = ''] = /"extends"\s*:\s*(\[[^\]]*\]|"[^"]*")/.exec(readFileSync(file, 'utf8')) ?? []
  return [...value.matchAll(/"([^"]*)"/g)].flatMap(([, name]) => {
    const found = resolve(dirname(file), name!)
    if (!/^\.{1,2}\//.test(name!) || !existsSync(found)) throw new Error(`${file} does not say which file it extends`)
    return [found, ...extended(found)]
  })
}
