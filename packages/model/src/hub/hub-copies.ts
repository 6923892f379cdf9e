import { existsSync, readdirSync, statSync } from 'node:fs'
import { rm, rmdir } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import { isBeingFetched, LOCK } from '../transfer/alone.ts'
import { filesBelow } from '../transfer/files-below.ts'
import { hubCopyBusy } from './errors.ts'
import { isMarker, readMarker } from './marker.ts'

/** What was fetched of one repository at one revision, as it lies on this machine. */
export interface HubCopy {
  /** `org/name`, and behind it `@revision` where that is not main; a slash in it is `--`. */
  name: string
  /** Adapters lie apart from base models. */
  kind: 'model' | 'adapter'
  path: string
  bytes: number
  /** Whether all of it has arrived. */
  complete: boolean
}

/** Where the adapters of a cache lie. */
export const adaptersOf = (cache: string): string => join(cache, 'peft')

/**
 * What is kept in a cache of the hub, as `hubCache` names one. A folder that bears no mark of a download is somebody else's, and so is what a link leads to.
 */
export const hubCopies = (cache: string): HubCopy[] => [...copiesIn(cache, 'model'), ...copiesIn(adaptersOf(cache), 'adapter')]

const copiesIn = (cache: string, kind: HubCopy['kind']): HubCopy[] =>
  foldersIn(cache)
    .filter((repository) => repository.includes('--'))
    .flatMap((repository) =>
      foldersIn(join(cache, repository)).flatMap((revision) => {
        const path = join(cache, repository, revision)
        const files = ownFiles(path)
        if (files.length === 0) return []
        const id = repository.replace('--', '/')
        const bytes = files.reduce((sum, file) => sum + statSync(file).size, 0)
        return [{ name: revision === 'main' ? id : `${id}@${revision}`, kind, path, bytes, complete: readMarker(path).complete }]
      }),
    )

/**
 * Deletes the files that were fetched, and the folders that are empty then. Bytes that were freed.
 * @throws ModelError `hub_copy_busy` where it is being fetched
 */
export async function deleteHubCopy({ name, path, bytes }: HubCopy): Promise<number> {
  if (isBeingFetched(path)) throw hubCopyBusy(name)
  const files = ownFiles(path)
  // The mark first: what is half deleted is no copy.
  for (const file of files) await rm(file, { force: true })
  for (const folder of new Set(files.map(dirname))) await removeEmpty(folder, dirname(dirname(path)))
  return bytes
}

/** Upward, as far as the cache. */
async function removeEmpty(folder: string, cache: string): Promise<void> {
  for (let at = folder; at !== cache && at.startsWith(cache); at = dirname(at))
    try {
      await rmdir(at)
    } catch {
      return
    }
}

/** The mark, what it names, and what arrived of a transfer. */
function ownFiles(folder: string): string[] {
  const own = filesBelow(folder).filter((file) => {
    const name = basename(file)
    return name.endsWith('.incomplete') || (dirname(file) === folder && (isMarker(name) || name === LOCK))
  })
  const named = Object.keys(readMarker(folder).files)
  return [...own.sort(), ...named.map((file) => join(folder, file)).filter((file) => existsSync(file))]
}

const foldersIn = (folder: string): string[] =>
  existsSync(folder)
    ? readdirSync(folder, { withFileTypes: true })
        .filter((entry) => entry.isDirectory())
        .map(({ name }) => name)
        .sort()
    : []
