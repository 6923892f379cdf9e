import { basename, dirname, join } from 'node:path'
import { ggufUndecided, type ModelError } from '../errors.ts'
import { partNames } from '../gguf/gguf-file.ts'
import { hubGguf } from './hub-id.ts'
import { type DownloadOptions, downloadSnapshot } from './snapshot.ts'

/** What people take who do not say which: small, and close to the full precision. */
const USUAL = 'Q4_K_M'
/** Files beside models: what looks at pictures, and what quantizing was weighed by. */
const BESIDE = /(^|\/)(mmproj|imatrix)[^/]*$/i

/** The first parts of the models among a repository's files. */
export const ggufsAmong = (paths: readonly string[]): string[] =>
  paths.filter((path) => /\.gguf$/i.test(path) && !BESIDE.test(path) && partNames(basename(path))[0].toLowerCase() === basename(path).toLowerCase())

/** What tells a file from the others of its repository: the last piece of its name. */
export const tagOf = (path: string): string => stemOf(path).split(/[-.]/).at(-1)!

const stemOf = (path: string): string => basename(path).replace(/(-00001-of-\d{5})?\.gguf$/i, '')

/**
 * Fetches one GGUF of a repository, with all its parts, as `downloadSnapshot` does. Returns its path, or that of its first part.
 * Errors: those, `gguf_undecided`.
 */
export const downloadGguf = async (what: string, options: DownloadOptions): Promise<string> => {
  const { id, tag } = hubGguf(what)
  const { folder, files } = await downloadSnapshot(
    id,
    { folders: 'all', choose: (paths) => partsChosen(id, tag, ggufsAmong(paths)) },
    // Each by itself, so that a copy without network is of what is asked for.
    { ...options, cacheDir: join(options.cacheDir, tag ?? 'usual') },
  )
  return join(folder, files[0])
}

const partsChosen = (id: string, tag: string | undefined, files: readonly string[]): string[] => {
  const ending = (wanted: string): string[] => files.filter((file) => endsIn(stemOf(file).toLowerCase(), wanted.toLowerCase()))
  const found = tag === undefined ? (files.length === 1 ? files : ending(USUAL)) : ending(tag)
  if (found.length !== 1) throw undecided(id, tag, found.length > 1 ? found : files)
  const [first] = found
  return partNames(basename(first)).map((part) => join(dirname(first), part))
}

const undecided = (id: string, tag: string | undefined, files: readonly string[]): ModelError => ggufUndecided(id, tag, files, files[0] && tagOf(files[0]))

const endsIn = (stem: string, tag: string): boolean => stem === tag || ['-', '.', '_'].some((mark) => stem.endsWith(mark + tag))
